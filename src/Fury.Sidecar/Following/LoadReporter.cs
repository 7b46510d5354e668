using Envoy.Config.Core.V3;
using Envoy.Service.LoadStats.V3;
using Fury.Kernel;
using Fury.Sidecar.Routing;
using Fury.Xds;
using Fury.Xds.Framing;

namespace Fury.Sidecar.Following;

/// <summary>Sends what <see cref="LoadDeltas"/> composes while there is a stream to send it on.</summary>
internal sealed class LoadReporter(TimeProvider clock) : IDisposable
{
    /// <summary>Reports go out before acknowledgements, so a control plane that does not read them must not hold those up for long.</summary>
    private static readonly GrpcLimits Limits = new() { WriteTimeout = TimeSpan.FromSeconds(1) };

    private readonly LoadDeltas _deltas = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private GrpcClientStream? _stream;
    private Func<string, bool> _wanted = _ => true;
    private bool _ofReplicas;

    /// <summary>Learns under which names pools are reported.</summary>
    public async ValueTask Name(RoutingUpdate update, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            foreach (var pool in update.Scopes.SelectMany(scope => scope.Pools))
            {
                _deltas.Name(pool.Pool, pool.Cluster);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes the counters, and reports what is new where a control plane listens. Never fails because none does.</summary>
    public async ValueTask Report(IReadOnlyList<PoolTraffic> traffic, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            foreach (var pool in traffic)
            {
                _deltas.Note(pool);
            }

            if (_stream is not null)
            {
                var report = _deltas.Compose(_wanted, _ofReplicas);
                await _stream.Write(new LoadStatsRequest { ClusterStats = { report.Clusters } }, cancellation);
                _deltas.Sent(report);
            }
        }
        catch (GrpcException)
        {
            _stream = null; // Whoever reads it learns why, and opens the next.
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Forget(PoolId pool)
    {
        _gate.Wait();
        try
        {
            _deltas.Forget(pool);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>One stream, until it ends.</summary>
    public async Task Run(HttpMessageInvoker http, Uri controlPlane, Node node, CancellationToken cancellation)
    {
        await using var stream = GrpcClientStream.Open(http, controlPlane, XdsMethods.StreamLoadStats, Limits, clock);
        await stream.Write(new LoadStatsRequest { Node = node }, cancellation);
        try
        {
            // Nobody has asked before this comes, and what was reported earlier would be lost. The interval that it asks for is not looked at:
            // the sidecar reports more often than that, since its reports are also what says that a pool has drained.
            while (await stream.Read<LoadStatsResponse>(cancellation) is { } response)
            {
                var clusters = response.Clusters.ToHashSet(StringComparer.Ordinal);
                await Use(stream, response.SendAllClusters ? _ => true : clusters.Contains, response.ReportEndpointGranularity);
            }
        }
        finally
        {
            await Use(null, _ => true, false);
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task Use(GrpcClientStream? stream, Func<string, bool> wanted, bool ofReplicas)
    {
        await _gate.WaitAsync(CancellationToken.None);
        (_stream, _wanted, _ofReplicas) = (stream, wanted, ofReplicas);
        _gate.Release();
    }
}
