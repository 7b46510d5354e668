using System.Collections.Concurrent;
using System.Diagnostics;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.LoadStats.V3;
using Fury.Kernel;
using Fury.Xds;
using Fury.Xds.Framing;

namespace Fury.Benchmarks.Fleets;

/// <summary>
/// Proxies that together follow every scope of the fleet over real xDS streams, and note when the endpoints of a pool are as somebody waits for. They
/// report as proxies without requests do.
/// </summary>
internal sealed class FleetProxies(Uri server) : IAsyncDisposable
{
    private readonly List<(HttpMessageInvoker Http, GrpcClientStream Stream, GrpcClientStream Load)> _proxies = [];
    private readonly List<Task> _reading = [];
    private readonly ConcurrentDictionary<PoolId, int> _endpoints = new();
    private readonly ConcurrentDictionary<PoolId, (int Count, TaskCompletionSource<long> Seen)> _awaited = new();
    private readonly CancellationTokenSource _over = new();
    private int _all;

    /// <summary>Endpoints of all pools as the proxies know them.</summary>
    public int Endpoints => Volatile.Read(ref _all);

    public async Task Connect(CancellationToken cancellation)
    {
        for (var number = 0; number < FleetGround.Scopes / FleetGround.ScopesPerCaller; number++)
        {
            var http = new HttpMessageInvoker(GrpcTransport.CreateHandler());
            var stream = GrpcClientStream.Open(http, server, XdsMethods.DeltaAggregatedResources, GrpcLimits.Default, TimeProvider.System);
            var load = GrpcClientStream.Open(http, server, XdsMethods.StreamLoadStats, GrpcLimits.Default, TimeProvider.System);
            var node = new Node { Id = $"proxy-{number}", Cluster = $"{FleetGround.Caller(number)}", UserAgentName = MeshProtocol.SidecarAgent };
            _proxies.Add((http, stream, load));
            await stream.Write(new DeltaDiscoveryRequest { Node = node, TypeUrl = TypeUrls.Cluster }, cancellation);
            _reading.Add(Read(stream, cancellation));
            _reading.Add(Report(load, node, cancellation));
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
        await _over.CancelAsync();
        foreach (var (http, stream, load) in _proxies)
        {
            await load.DisposeAsync();
            await stream.DisposeAsync();
            http.Dispose();
        }

        await Task.WhenAll(_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private async Task Report(GrpcClientStream load, Node node, CancellationToken cancellation)
    {
        await load.Write(new LoadStatsRequest { Node = node }, cancellation);
        var asked = await load.Read<LoadStatsResponse>(cancellation);
        using var timer = new PeriodicTimer(asked!.LoadReportingInterval.ToTimeSpan());
        while (await timer.WaitForNextTickAsync(_over.Token))
        {
            await load.Write(new LoadStatsRequest(), cancellation);
        }
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
                var pools = response.Resources.Select(resource => resource.Name).ToList();
                await Subscribe(TypeUrls.ClusterLoadAssignment, pools);
                await Subscribe(TypeUrls.RouteConfiguration, pools.Select(MeshNames.KeyOf));
            }
        }

        Task Subscribe(string type, IEnumerable<string> names) =>
            stream.Write(new DeltaDiscoveryRequest { TypeUrl = type, ResourceNamesSubscribe = { names } }, cancellation).AsTask();
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
