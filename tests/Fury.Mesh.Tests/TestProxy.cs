using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.LoadStats.V3;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;
using Fury.Testing;
using Fury.Xds;
using Fury.Xds.Framing;
using ResourceName = (string Type, string Name);

namespace Fury.Mesh.Tests;

/// <summary>
/// A proxy without a data path, over a real connection: follows the routes of scopes, their clusters and endpoints, and acknowledges as it comes, unless
/// the test holds it, or lets it refuse.
/// </summary>
internal sealed class TestProxy(Uri server, string name) : IAsyncDisposable
{
    private readonly HttpMessageInvoker _http = new(GrpcTransport.CreateHandler());
    private readonly CancellationTokenSource _leaving = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceName, Resource> _resources = [];
    private readonly List<(string Type, string Nonce)> _held = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private GrpcClientStream? _ads;
    private GrpcClientStream? _lrs;
    private Task _reading = Task.CompletedTask;
    private CancellationTokenSource _reporting = new();
    private bool _hold;
    private string? _holdsOnly;

    public string Name => name;

    /// <summary>Set before <see cref="Connect"/>: who it says it is.</summary>
    public Node Node { get; init; } = new() { Id = name, UserAgentName = Dialects.FurySidecar };

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
        var first = new DeltaDiscoveryRequest
        {
            Node = Node, TypeUrl = TypeUrls.RouteConfiguration, ResourceNamesSubscribe = { scopes.Select(XdsNames.Of) },
        };
        lock (_gate)
        {
            foreach (var known in _resources.Where(entry => entry.Key.Type == TypeUrls.RouteConfiguration))
            {
                first.InitialResourceVersions[known.Key.Name] = known.Value.Version;
            }
        }

        await _ads.Write(first, default);
        _reading = Read();
        return await Joined();
    }

    /// <summary>Its routes for a scope, as weights by pool; null when it has none.</summary>
    public IReadOnlyList<PoolWeight>? Routes(ScopeRef scope)
    {
        lock (_gate)
        {
            return Find(TypeUrls.RouteConfiguration, XdsNames.Of(scope), RouteConfiguration.Parser) is not { } routes ? null :
            [
                .. from route in routes.VirtualHosts.Single().Routes
                   from cluster in route.Route_?.WeightedClusters?.Clusters ?? []
                   select new PoolWeight(PoolOf(cluster.Name), (int)(cluster.Weight ?? 0)),
            ];
        }
    }

    /// <summary>How many endpoints it knows of a pool; null when it was told of none.</summary>
    public int? Endpoints(ScopeRef scope, PoolId pool)
    {
        lock (_gate)
        {
            return Find(TypeUrls.ClusterLoadAssignment, XdsNames.Of(scope, pool), ClusterLoadAssignment.Parser)?.Endpoints.Sum(at => at.LbEndpoints.Count);
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

    /// <summary>Reports an interval, and returns once the host has taken it in.</summary>
    public async Task Report(ProxyBookProbe host, params PoolTraffic[] interval)
    {
        if (_lrs is null)
        {
            _lrs = GrpcClientStream.Open(_http, server, XdsMethods.StreamLoadStats, GrpcLimits.Default, TimeProvider.System);
            await _lrs.Write(new LoadStatsRequest { Node = Node }, default);
            Assert.NotNull(await _lrs.Read<LoadStatsResponse>(default));
        }

        var before = host.LastReportAt(name);
        await _lrs.Write(new LoadStatsRequest { ClusterStats = { interval.Select(TestLoad.Of) } }, default);
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
                await lrs.Write(new LoadStatsRequest { ClusterStats = { TestLoad.Of(traffic) } }, over);
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

    private async Task<TestProxy> Joined()
    {
        // The last question of the handshake is one that is always answered.
        var before = Responses;
        await Write(new() { TypeUrl = TypeUrls.Listener, ResourceNamesSubscribe = { "nobody" } });
        await Eventually.True(() => Responses > before || _reading.IsCompleted);
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
                foreach (var resource in Refuses is null || response.TypeUrl != TypeUrls.RouteConfiguration ? response.Resources : [])
                {
                    _resources[(response.TypeUrl, resource.Name)] = resource;
                    more.AddRange(response.TypeUrl == TypeUrls.RouteConfiguration ? ClustersOf(resource) : []);
                }

                foreach (var removed in response.RemovedResources)
                {
                    _resources.Remove((response.TypeUrl, removed));
                }

                _held.Add((response.TypeUrl, response.Nonce));
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

            Responses++;
        }
    }

    private void Release()
    {
        List<(string Type, string Nonce)> held;
        lock (_gate)
        {
            held = [.. _held.Where(entry => entry.Type != HoldsOnly)];
            _held.RemoveAll(held.Contains);
        }

        foreach (var (type, nonce) in held)
        {
            var answer = new DeltaDiscoveryRequest { TypeUrl = type, ResponseNonce = nonce };
            if (type == TypeUrls.RouteConfiguration && Refuses is { } words)
            {
                answer.ErrorDetail = new() { Code = 3, Message = words };
            }

            _ = Write(answer);
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

    private static PoolId PoolOf(string cluster) => XdsNames.TryParsePool(cluster, out var pool) ? pool : default;
}
