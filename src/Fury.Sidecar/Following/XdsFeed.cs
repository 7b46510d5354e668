using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fury.Kernel;
using Fury.Sidecar.Routing;
using Fury.Xds;
using Fury.Xds.Framing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fury.Sidecar.Following;

/// <summary>The routes by xDS: one aggregated stream and one of load reports, to one control plane after another.</summary>
internal sealed partial class XdsFeed(
    ControlPlanes controlPlanes, IOptions<SidecarOptions> options, TimeProvider clock, Random random, ILogger<XdsFeed> log) : IRoutingFeed, IDisposable
{
    private static readonly string Version = typeof(XdsFeed).Assembly.GetName().Version?.ToString(3) ?? "0";

    private readonly Lock _gate = new();
    private readonly XdsClient _client = new(clock);
    private readonly LoadReporter _loads = new(clock);
    private readonly HostWaiters _waiters = new(clock);
    private readonly Channel<bool> _toSend = Channel.CreateBounded<bool>(1);
    private readonly Channel<bool> _toApply = Channel.CreateBounded<bool>(1);

    public async IAsyncEnumerable<RoutingUpdate> Subscribe(string proxy, [EnumeratorCancellation] CancellationToken cancellation)
    {
        lock (_gate)
        {
            _client.BeginAnew();
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var following = Follow(NodeOf(proxy), over.Token);
        try
        {
            while (true)
            {
                while (NextUpdate() is { } update)
                {
                    await _loads.Name(update, cancellation);
                    yield return update;
                }

                await _toApply.Reader.ReadAsync(cancellation);
            }
        }
        finally
        {
            await over.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public ValueTask Applied(string proxy, long version, CancellationToken cancellation)
    {
        Change(client => client.Applied(version));
        return ValueTask.CompletedTask;
    }

    public ValueTask Report(string proxy, IReadOnlyList<PoolTraffic> traffic, CancellationToken cancellation) => _loads.Report(traffic, cancellation);

    public void Forget(PoolId pool) => _loads.Forget(pool);

    public async ValueTask<HostAnswer> Find(string host, CancellationToken cancellation)
    {
        if (MeshNames.ListenerOf(host) is not { } name)
        {
            return HostAnswer.Unknown;
        }

        HostWaiters.Waiters? place;
        lock (_gate)
        {
            // Asked for also when the answer is here: that it is used keeps it from making room for another.
            var mayAsk = _client.Demand(name);
            if (_client.Find(name) is { } known)
            {
                return known;
            }

            place = mayAsk ? _waiters.Enter(name) : null;
        }

        _toSend.Writer.TryWrite(true);
        return place is null ? HostAnswer.NoAnswer : await _waiters.Patiently(place, cancellation);
    }

    public void Dispose() => _loads.Dispose();

    /// <summary>Everything that changes what the client knows, and all that may follow from it.</summary>
    private void Change(Action<XdsClient> change)
    {
        lock (_gate)
        {
            change(_client);
            _waiters.Tell(_client.Find);
        }

        _toSend.Writer.TryWrite(true);
        _toApply.Writer.TryWrite(true);
    }

    private RoutingUpdate? NextUpdate()
    {
        lock (_gate)
        {
            return _client.NextUpdate();
        }
    }

    /// <summary>One stream after another, each to the next control plane, until cancelled.</summary>
    private async Task Follow(Node node, CancellationToken cancellation)
    {
        var backoff = new Backoff(random);
        while (!cancellation.IsCancellationRequested)
        {
            var (controlPlane, begun) = (controlPlanes.Next(), clock.GetTimestamp());
            try
            {
                await Stream(controlPlane, node, backoff, cancellation);
                StreamEnded(log, controlPlane, "the control plane has ended it");
            }
            catch (Exception why) when (!cancellation.IsCancellationRequested)
            {
                StreamEnded(log, controlPlane, why.Message);
            }

            if (clock.GetElapsedTime(begun) > Backoff.Max)
            {
                backoff.Reset(); // It has lived; a sidecar that nobody asks for anything may not have heard a word on it.
            }

            await Task.Delay(backoff.Next(), clock, cancellation);
        }
    }

    private async Task Stream(Uri controlPlane, Node node, Backoff backoff, CancellationToken cancellation)
    {
        using var http = controlPlanes.Connect(controlPlane);
        await using var stream = GrpcClientStream.Open(http, controlPlane, XdsMethods.DeltaAggregatedResources, GrpcLimits.Default, clock);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Change(client => client.Open(node));
        var read = Read(stream, controlPlane, backoff, over.Token);
        var write = Write(stream, over.Token);
        var loads = Loads(http, controlPlane, node, over.Token);
        try
        {
            await await Task.WhenAny(read, write);
            await read;
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(read, write, loads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Read(GrpcClientStream stream, Uri controlPlane, Backoff backoff, CancellationToken cancellation)
    {
        var isFirst = true;
        while (await stream.Read<DeltaDiscoveryResponse>(cancellation) is { } response)
        {
            if (isFirst)
            {
                isFirst = false;
                backoff.Reset();
                Followed(log, controlPlane);
            }

            Change(client => client.Receive(response));
        }
    }

    private async Task Write(GrpcClientStream stream, CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan? untilTick;
            while (NextRequest(out untilTick) is { } request)
            {
                if (request.ErrorDetail is { } refusal)
                {
                    Refused(log, refusal.Message);
                }

                if (!await TryWrite(request))
                {
                    return;
                }
            }

            await NewsWithin(untilTick, cancellation);
        }

        async ValueTask<bool> TryWrite(DeltaDiscoveryRequest request)
        {
            try
            {
                await stream.Write(request, cancellation);
                return true;
            }
            catch (GrpcException ended) when (ended.Status == GrpcStatus.Cancelled)
            {
                return false; // Whoever reads learns why.
            }
        }

        DeltaDiscoveryRequest? NextRequest(out TimeSpan? untilTick)
        {
            lock (_gate)
            {
                _client.Tick();
                untilTick = _client.UntilTick;
                return _client.NextRequest();
            }
        }
    }

    private async Task NewsWithin(TimeSpan? time, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(time ?? Timeout.InfiniteTimeSpan, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await _toSend.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Time to look at what has waited.
        }
    }

    /// <summary>Load reports for as long as the routes are followed: a control plane that does not take them still is one.</summary>
    private async Task Loads(HttpMessageInvoker http, Uri controlPlane, Node node, CancellationToken cancellation)
    {
        var backoff = new Backoff(random);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await _loads.Run(http, controlPlane, node, cancellation);
            }
            catch (GrpcException why)
            {
                ReportsEnded(log, controlPlane, why.Message);
            }

            await Task.Delay(backoff.Next(), clock, cancellation);
        }
    }

    private Node NodeOf(string proxy) =>
        new() { Id = proxy, Cluster = options.Value.Scope, UserAgentName = MeshProtocol.SidecarAgent, UserAgentVersion = Version };

    [LoggerMessage(Level = LogLevel.Information, Message = "Routes are followed from {ControlPlane}")]
    private static partial void Followed(ILogger log, Uri controlPlane);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The stream of routes from {ControlPlane} has ended; requests go on by the last: {Reason}")]
    private static partial void StreamEnded(ILogger log, Uri controlPlane, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused: {Reason}")]
    private static partial void Refused(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The stream of load reports to {ControlPlane} has ended: {Reason}")]
    private static partial void ReportsEnded(ILogger log, Uri controlPlane, string reason);
}
