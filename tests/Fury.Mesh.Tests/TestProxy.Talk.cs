using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;
using Fury.Xds;

namespace Fury.Mesh.Tests;

/// <summary>How it speaks the protocol.</summary>
internal sealed partial class TestProxy
{
    /// <summary>The first request of a type: what it wants, and has from before.</summary>
    private DeltaDiscoveryRequest Resume(string type, IEnumerable<string>? names = null)
    {
        lock (_gate)
        {
            var request = new DeltaDiscoveryRequest { TypeUrl = type };
            foreach (var ((_, resource), known) in _resources.Where(entry => entry.Key.Type == type))
            {
                request.InitialResourceVersions[resource] = known.Version;
                if (type == TypeUrls.RouteConfiguration)
                {
                    _acknowledged[resource] = known;
                }
            }

            request.ResourceNamesSubscribe.Add(names ?? request.InitialResourceVersions.Keys);
            return request;
        }
    }

    private async Task<TestProxy> Joined()
    {
        // The last question of the handshake is one that is always answered.
        var before = _handshakes;
        await Write(new() { TypeUrl = TypeUrls.Listener, ResourceNamesSubscribe = { "nobody" } });
        await Eventually.True(() => _handshakes > before || _reading.IsCompleted);
        await (_reading.IsFaulted ? _reading : Task.CompletedTask);
        return this;
    }

    private async Task Read()
    {
        while (await _ads!.Read<DeltaDiscoveryResponse>(_leaving.Token) is { } response)
        {
            List<string> more = [];
            lock (_gate)
            {
                // Counted with what it brings, so that whoever sees the one sees the other.
                Responses++;
                _handshakes += response.TypeUrl == TypeUrls.Listener ? 1 : 0;
                if (Refuses is { } words && response.TypeUrl == TypeUrls.RouteConfiguration)
                {
                    _refused[response.Nonce] = words;
                }

                foreach (var resource in _refused.ContainsKey(response.Nonce) ? [] : response.Resources)
                {
                    _resources[(response.TypeUrl, resource.Name)] = resource;
                    more.AddRange(response.TypeUrl == TypeUrls.RouteConfiguration ? ClustersOf(resource) : []);
                }

                foreach (var removed in response.RemovedResources)
                {
                    _resources.Remove((response.TypeUrl, removed));
                }

                _held.Add(response);
            }

            if (!Hold)
            {
                Release();
            }

            if (more.Count > 0)
            {
                await Write(new() { TypeUrl = TypeUrls.Cluster, ResourceNamesSubscribe = { more } });
                await Write(new() { TypeUrl = TypeUrls.ClusterLoadAssignment, ResourceNamesSubscribe = { more } });
            }
        }
    }

    private void Release()
    {
        List<DeltaDiscoveryResponse> held;
        lock (_gate)
        {
            held = [.. _held.Where(response => response.TypeUrl != HoldsOnly)];
            _held.RemoveAll(held.Contains);
        }

        foreach (var response in held)
        {
            var answer = new DeltaDiscoveryRequest { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce };
            if (response.TypeUrl == TypeUrls.RouteConfiguration)
            {
                answer.ErrorDetail = Refusal(response);
            }

            _ = Write(answer);
        }
    }

    private Google.Rpc.Status? Refusal(DeltaDiscoveryResponse response)
    {
        lock (_gate)
        {
            if (_refused.Remove(response.Nonce, out var words))
            {
                return new() { Code = 3, Message = words };
            }

            foreach (var resource in response.Resources)
            {
                _acknowledged[resource.Name] = resource;
            }

            return null;
        }
    }

    private async Task Write(DeltaDiscoveryRequest request)
    {
        await _writing.WaitAsync();
        try
        {
            if (_ads is { } ads)
            {
                await ads.Write(request, _leaving.Token);
            }
        }
        catch (Exception) when (_leaving.IsCancellationRequested)
        {
            // It leaves.
        }
        finally
        {
            _writing.Release();
        }
    }

    private IEnumerable<string> ClustersOf(Resource resource) =>
        from host in RouteConfiguration.Parser.ParseFrom(resource.Resource_.Value).VirtualHosts
        from route in host.Routes
        from cluster in route.Route_?.WeightedClusters?.Clusters ?? []
        where !_resources.ContainsKey((TypeUrls.Cluster, cluster.Name))
        select cluster.Name;

    private T? Find<T>(string type, string resource, Google.Protobuf.MessageParser<T> parser)
        where T : class, Google.Protobuf.IMessage<T> =>
        _resources.GetValueOrDefault((type, resource)) is { } found ? parser.ParseFrom(found.Resource_.Value) : null;

    private static IReadOnlyList<PoolWeight> WeightsOf(Resource routes) =>
    [
        .. from route in RouteConfiguration.Parser.ParseFrom(routes.Resource_.Value).VirtualHosts.Single().Routes
           from cluster in route.Route_?.WeightedClusters?.Clusters ?? []
           select new PoolWeight(PoolOf(cluster.Name), (decimal)(cluster.Weight ?? 0) / MeshProtocol.WeightsPerPercent),
    ];

    private static PoolId PoolOf(string cluster) => MeshNames.TryParsePool(cluster, out var pool) ? pool : default;
}
