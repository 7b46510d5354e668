using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.LoadStats.V3;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;
using Fury.Xds;
using Fury.Xds.Framing;
using ResourceName = (string Type, string Name);

namespace Fury.Mesh.Tests;

/// <summary>
/// A proxy without a data path, over a real connection: follows the routes of scopes, their clusters and endpoints, and acknowledges as it comes, unless
/// the test holds it, or lets it refuse.
/// </summary>
internal sealed partial class TestProxy(Uri server, string name) : IAsyncDisposable
{
    private readonly HttpMessageInvoker _http = new(GrpcTransport.CreateHandler());
    private readonly CancellationTokenSource _leaving = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceName, Resource> _resources = [];
    private readonly Dictionary<string, Resource> _acknowledged = [];
    private readonly Dictionary<string, string> _refused = [];
    private readonly List<DeltaDiscoveryResponse> _held = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private GrpcClientStream? _ads;
    private GrpcClientStream? _lrs;
    private Task _reading = Task.CompletedTask;
    private CancellationTokenSource _reporting = new();
    private int _handshakes;
    private bool _hold;
    private string? _holdsOnly;

    public string Name => name;

    /// <summary>Set before <see cref="Connect"/>: who it says it is.</summary>
    public Node Node { get; init; } = new() { Id = name, UserAgentName = MeshProtocol.SidecarAgent };

    /// <summary>Refuses every route with these words while it is set.</summary>
    public string? Refuses { get; set; }

    /// <summary>The one type that is not acknowledged; null for none.</summary>
    public string? HoldsOnly
    {
        get => _holdsOnly;
        set
        {
            _holdsOnly = value;
            if (value is null)
            {
                Release();
            }
        }
    }

    public int Responses { get; private set; }

    /// <summary>What it was asked for last is told replica by replica; null before it was asked for anything.</summary>
    public bool? TellsReplicas { get; private set; }

    /// <summary>How often it was asked.</summary>
    public int TimesAsked { get; private set; }

    /// <summary>Ends, or fails, as its stream does.</summary>
    public Task Ended => _reading;

    public bool IsConnected => _ads is not null && !_reading.IsCompleted;

    /// <summary>While it is on, what comes is taken in and not acknowledged.</summary>
    public bool Hold
    {
        get => _hold;
        set
        {
            _hold = value;
            if (!value)
            {
                Release();
            }
        }
    }

    public async Task<TestProxy> Connect(params ScopeRef[] scopes)
    {
        _ads = GrpcClientStream.Open(_http, server, XdsMethods.DeltaAggregatedResources, GrpcLimits.Default, TimeProvider.System);
        var first = Resume(TypeUrls.RouteConfiguration, scopes.Select(MeshNames.Of));
        first.Node = Node;
        await _ads.Write(first, default);
        foreach (var type in new[] { TypeUrls.Cluster, TypeUrls.ClusterLoadAssignment })
        {
            if (Resume(type) is { ResourceNamesSubscribe.Count: > 0 } more)
            {
                await _ads.Write(more, default);
            }
        }

        _reading = Read();
        return await Joined();
    }

    /// <summary>Its routes for a scope, as weights by pool; null when it has none.</summary>
    public IReadOnlyList<PoolWeight>? Routes(ScopeRef scope)
    {
        lock (_gate)
        {
            return _resources.GetValueOrDefault((TypeUrls.RouteConfiguration, MeshNames.Of(scope))) is { } routes ? WeightsOf(routes) : null;
        }
    }

    /// <summary>Likewise, of what it has acknowledged; it says so before it sends it.</summary>
    public IReadOnlyList<PoolWeight>? Acknowledged(ScopeRef scope)
    {
        lock (_gate)
        {
            return _acknowledged.GetValueOrDefault(MeshNames.Of(scope)) is { } routes ? WeightsOf(routes) : null;
        }
    }

    /// <summary>How many endpoints it knows of a pool; null when it was told of none.</summary>
    public int? Endpoints(ScopeRef scope, PoolId pool)
    {
        lock (_gate)
        {
            return Find(TypeUrls.ClusterLoadAssignment, MeshNames.Of(scope, pool), ClusterLoadAssignment.Parser)?.Endpoints.Sum(at => at.LbEndpoints.Count);
        }
    }

    public IReadOnlyList<string> Versions()
    {
        lock (_gate)
        {
            return [.. _resources.Values.Select(resource => $"{resource.Name} {resource.Version}").Order()];
        }
    }

    public IReadOnlyList<ResourceName> Has()
    {
        lock (_gate)
        {
            return [.. _resources.Keys.Order()];
        }
    }

    /// <summary>Returns once it was asked for load reports.</summary>
    public async Task OpenLoads()
    {
        if (_lrs is null)
        {
            _lrs = GrpcClientStream.Open(_http, server, XdsMethods.StreamLoadStats, GrpcLimits.Default, TimeProvider.System);
            await _lrs.Write(new LoadStatsRequest { Node = Node }, default);
            Take((await _lrs.Read<LoadStatsResponse>(default))!);
            _ = Listen(_lrs);
        }

        async Task Listen(GrpcClientStream lrs)
        {
            while (await lrs.Read<LoadStatsResponse>(_leaving.Token) is { } response)
            {
                Take(response);
            }
        }

        void Take(LoadStatsResponse response)
        {
            Assert.True(response.SendAllClusters);
            (TellsReplicas, TimesAsked) = (response.ReportEndpointGranularity, TimesAsked + 1);
        }
    }

    /// <summary>Reports an interval, and returns once the host has taken it in.</summary>
    public async Task Report(ProxyBookProbe host, params PoolTraffic[] interval)
    {
        await OpenLoads();
        var before = host.LastReportAt(name);
        await _lrs!.Write(new LoadStatsRequest { ClusterStats = { interval.Select(TestLoad.Stats) } }, default);
        await Eventually.True(() => host.LastReportAt(name) != before);
    }

    /// <summary>Reports an interval, and from then on again and again that as much is in flight.</summary>
    public async Task ReportOnAndOn(ProxyBookProbe host, PoolTraffic interval)
    {
        await _reporting.CancelAsync();
        _reporting = CancellationTokenSource.CreateLinkedTokenSource(_leaving.Token);
        await Report(host, interval);
        _ = GoOn(PoolTraffic.None(interval.Pool) with { InFlight = interval.InFlight }, _reporting.Token);

        async Task GoOn(PoolTraffic traffic, CancellationToken over)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (await timer.WaitForNextTickAsync(over) && _lrs is { } lrs)
            {
                await lrs.Write(new LoadStatsRequest { ClusterStats = { TestLoad.Stats(traffic) } }, over);
            }
        }
    }

    /// <summary>Its connection breaks.</summary>
    public async Task Break()
    {
        if (_ads is not null)
        {
            await _ads.DisposeAsync();
        }

        if (_lrs is not null)
        {
            await _lrs.DisposeAsync();
        }

        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        (_ads, _lrs) = (null, null);
        _held.Clear();
        _refused.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _reporting.CancelAsync();
        await Break();
        _http.Dispose();
        _leaving.Dispose();
        _reporting.Dispose();
        _writing.Dispose();
    }
}
