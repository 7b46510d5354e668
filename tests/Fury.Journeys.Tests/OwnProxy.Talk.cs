using System.Collections.Concurrent;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.LoadStats.V3;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Xds;
using Fury.Xds.Framing;

namespace Fury.Journeys.Tests;

/// <summary>How it speaks with the control plane: one incremental stream for what it is told, one for what it reports.</summary>
internal sealed partial class OwnProxy
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    private readonly HttpMessageInvoker _http = new(GrpcTransport.CreateHandler());
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentBag<Task> _talking = [];
    private TaskCompletionSource _endpointsCame = NewSignal();
    private GrpcClientStream? _ads;
    private GrpcClientStream? _lrs;

    private Node Node { get; } = new() { Id = name, UserAgentName = MeshProtocol.SidecarAgent };

    private async Task Connect()
    {
        _ads = GrpcClientStream.Open(_http, server, XdsMethods.DeltaAggregatedResources, GrpcLimits.Default, TimeProvider.System);
        await _ads.Write(
            new DeltaDiscoveryRequest { Node = Node, TypeUrl = TypeUrls.RouteConfiguration, ResourceNamesSubscribe = { MeshNames.Of(scope) } }, default);
        _lrs = GrpcClientStream.Open(_http, server, XdsMethods.StreamLoadStats, GrpcLimits.Default, TimeProvider.System);
        await _lrs.Write(new LoadStatsRequest { Node = Node }, default);
        _talking.Add(Hear());
        _talking.Add(Report());
    }

    private async Task Disconnect()
    {
        foreach (var stream in new[] { _ads, _lrs }.OfType<GrpcClientStream>())
        {
            await stream.DisposeAsync();
        }

        (_ads, _lrs) = (null, null);
        await Task.WhenAll(_talking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task Hear()
    {
        while (await _ads!.Read<DeltaDiscoveryResponse>(_leaving.Token) is { } response)
        {
            if (response.TypeUrl == TypeUrls.RouteConfiguration)
            {
                // Routes may take their time; clusters and endpoints come meanwhile.
                _talking.Add(HearRoutes(response));
                continue;
            }

            if (response.TypeUrl == TypeUrls.ClusterLoadAssignment)
            {
                TakeEndpoints(response);
            }

            await Answer(response);
        }
    }

    private async Task HearRoutes(DeltaDiscoveryResponse response)
    {
        var pools = response.Resources.SelectMany(PoolsOf).ToList();
        var clusters = pools.Select(pool => MeshNames.Of(scope, pool.Pool)).ToList();
        if (clusters.Count > 0)
        {
            await Write(new() { TypeUrl = TypeUrls.Cluster, ResourceNamesSubscribe = { clusters } });
            await Write(new() { TypeUrl = TypeUrls.ClusterLoadAssignment, ResourceNamesSubscribe = { clusters } });
        }

        await EndpointsOf(pools.Where(pool => pool.Weight > 0).Select(pool => pool.Pool).ToList());
        if (OnRoutes is { } ask && await ask(pools).WaitAsync(_leaving.Token) is { } words)
        {
            await Answer(response, words);
            return;
        }

        lock (_gate)
        {
            _routes = pools;
            _applied.Add(new(name, pools, TimeProvider.System.GetUtcNow()));
        }

        await Answer(response);
    }

    /// <summary>Make before break: routes are taken into use when there is where they lead.</summary>
    private async Task EndpointsOf(IReadOnlyCollection<PoolId> pools)
    {
        while (true)
        {
            Task came;
            lock (_gate)
            {
                if (pools.All(pool => _endpoints.GetValueOrDefault(pool) is [_, ..]))
                {
                    return;
                }

                came = _endpointsCame.Task;
            }

            await came.WaitAsync(_leaving.Token);
        }
    }

    private void TakeEndpoints(DeltaDiscoveryResponse response)
    {
        lock (_gate)
        {
            foreach (var assignment in response.Resources.Select(resource => ClusterLoadAssignment.Parser.ParseFrom(resource.Resource_.Value)))
            {
                _endpoints[PoolOf(assignment.ClusterName)] =
                [
                    .. from locality in assignment.Endpoints
                       from endpoint in locality.LbEndpoints
                       let address = endpoint.Endpoint.Address.SocketAddress
                       select new Uri($"http://{address.Address}:{address.PortValue}"),
                ];
            }

            foreach (var gone in response.RemovedResources)
            {
                _endpoints.Remove(PoolOf(gone));
            }

            _endpointsCame.SetResult();
            _endpointsCame = NewSignal();
        }
    }

    private async Task Report()
    {
        await _lrs!.Read<LoadStatsResponse>(_leaving.Token);
        using var timer = new PeriodicTimer(ReportInterval);
        while (await timer.WaitForNextTickAsync(_leaving.Token))
        {
            var report = new LoadStatsRequest();
            lock (_gate)
            {
                foreach (var (pool, load) in _loads)
                {
                    report.ClusterStats.Add(new ClusterStats
                    {
                        ClusterName = MeshNames.Of(scope, pool),
                        UpstreamLocalityStats =
                        {
                            new UpstreamLocalityStats
                            {
                                TotalIssuedRequests = (ulong)load.Issued,
                                TotalSuccessfulRequests = (ulong)load.Succeeded,
                                TotalErrorRequests = (ulong)load.Failed,
                                TotalRequestsInProgress = (ulong)load.InFlight,
                            },
                        },
                    });
                    load.Reported();
                }
            }

            await _lrs.Write(report, _leaving.Token);
        }
    }

    private Task Answer(DeltaDiscoveryResponse response, string? refusal = null) => Write(new()
    {
        TypeUrl = response.TypeUrl,
        ResponseNonce = response.Nonce,
        ErrorDetail = refusal is null ? null : new() { Code = 3, Message = refusal },
    });

    private async Task Write(DeltaDiscoveryRequest request)
    {
        await _writing.WaitAsync(_leaving.Token);
        try
        {
            await _ads!.Write(request, _leaving.Token);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static IEnumerable<PoolWeight> PoolsOf(Resource resource) =>
        from host in RouteConfiguration.Parser.ParseFrom(resource.Resource_.Value).VirtualHosts
        from route in host.Routes
        from cluster in route.Route_?.WeightedClusters?.Clusters ?? []
        select new PoolWeight(PoolOf(cluster.Name), (decimal)(cluster.Weight ?? 0) / MeshProtocol.WeightsPerPercent);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static PoolId PoolOf(string cluster) => MeshNames.TryParsePool(cluster, out var pool) ? pool : default;
}
