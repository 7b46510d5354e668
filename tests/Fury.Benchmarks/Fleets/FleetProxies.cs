using System.Collections.Concurrent;
using System.Diagnostics;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.Discovery.V3;
using Fury.Kernel;
using Fury.Xds;
using Fury.Xds.Framing;

namespace Fury.Benchmarks.Fleets;

/// <summary>
/// Proxies that together follow every scope of the fleet over real xDS streams, and note when the endpoints of a pool are as somebody waits for.
/// </summary>
internal sealed class FleetProxies(Uri server) : IAsyncDisposable
{
    private readonly List<(HttpMessageInvoker Http, GrpcClientStream Stream)> _proxies = [];
    private readonly List<Task> _reading = [];
    private readonly ConcurrentDictionary<PoolId, int> _endpoints = new();
    private readonly ConcurrentDictionary<PoolId, (int Count, TaskCompletionSource<long> Seen)> _awaited = new();
    private int _all;

    /// <summary>Endpoints of all pools as the proxies know them.</summary>
    public int Endpoints => Volatile.Read(ref _all);

    public async Task Connect(CancellationToken cancellation)
    {
        for (var number = 0; number < FleetGround.Scopes / FleetGround.ScopesPerCaller; number++)
        {
            var http = new HttpMessageInvoker(GrpcTransport.CreateHandler());
            var stream = GrpcClientStream.Open(http, server, XdsMethods.DeltaAggregatedResources, GrpcLimits.Default, TimeProvider.System);
            _proxies.Add((http, stream));
            await stream.Write(
                new DeltaDiscoveryRequest
                {
                    Node = new() { Id = $"proxy-{number}", Cluster = $"{FleetGround.Caller(number)}", UserAgentName = MeshProtocol.SidecarAgent },
                    TypeUrl = TypeUrls.Cluster,
                },
                cancellation);
            _reading.Add(Read(stream, cancellation));
        }
    }

    /// <summary>The timestamp at which a proxy knows so many endpoints of the pool; asked before it is made so.</summary>
    public Task<long> Await(PoolId pool, int count)
    {
        var seen = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited[pool] = (count, seen);
        return seen.Task;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (http, stream) in _proxies)
        {
            await stream.DisposeAsync();
            http.Dispose();
        }

        await Task.WhenAll(_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task Read(GrpcClientStream stream, CancellationToken cancellation)
    {
        while (await stream.Read<DeltaDiscoveryResponse>(cancellation) is { } response)
        {
            var now = Stopwatch.GetTimestamp();
            if (response.TypeUrl == TypeUrls.ClusterLoadAssignment)
            {
                foreach (var resource in response.Resources)
                {
                    Note(resource, now);
                }
            }

            await stream.Write(new DeltaDiscoveryRequest { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce }, cancellation);
            if (response.TypeUrl == TypeUrls.Cluster && response.Resources.Count > 0)
            {
                await stream.Write(
                    new DeltaDiscoveryRequest
                    {
                        TypeUrl = TypeUrls.ClusterLoadAssignment,
                        ResourceNamesSubscribe = { response.Resources.Select(resource => resource.Name) },
                    },
                    cancellation);
            }
        }
    }

    private void Note(Resource resource, long now)
    {
        if (!MeshNames.TryParsePool(resource.Name, out var pool))
        {
            return;
        }

        var count = resource.Resource_.Unpack<ClusterLoadAssignment>().Endpoints.Sum(locality => locality.LbEndpoints.Count);
        var before = _endpoints.GetValueOrDefault(pool);
        _endpoints[pool] = count;
        Interlocked.Add(ref _all, count - before);
        if (_awaited.TryGetValue(pool, out var awaited) && awaited.Count == count && _awaited.TryRemove(pool, out _))
        {
            awaited.Seen.TrySetResult(now);
        }
    }
}
