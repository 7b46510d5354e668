using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Testing;

/// <summary>
/// A mesh in memory. It passes <see cref="RoutingTablesContract"/>. Proxies apply a table as soon as it is published unless
/// <see cref="AutoApply"/> is off. It knows the ready endpoints of pools from an engine that it follows, or as a test says.
/// </summary>
public sealed class FakeRoutingTables : IRoutingTables
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ScopeRef, RoutingTable> _tables = [];
    private readonly Dictionary<PoolId, (ScopeRef Scope, int Ready)> _pools = [];
    private readonly Dictionary<string, long> _proxies = [];
    private readonly Dictionary<(string Proxy, PoolId Pool), PoolTraffic> _traffic = [];
    private readonly List<RoutingTable> _published = [];
    private readonly Dictionary<ScopeRef, (bool Holds, long Version)> _holds = [];
    private readonly Dictionary<ScopeRef, IReadOnlyList<ScopeRef>> _dependencies = [];
    private readonly Queue<Fault> _faults = [];
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version;

    /// <summary>True: every proxy applies what is published at once. False: the test says <see cref="Apply"/>.</summary>
    public bool AutoApply { get; set; } = true;

    /// <summary>Every table ever published, in order.</summary>
    public IReadOnlyList<RoutingTable> Published
    {
        get
        {
            lock (_lock)
            {
                return [.. _published];
            }
        }
    }

    /// <summary>The lowest version that a live proxy has applied; all of them when there is no proxy.</summary>
    public long AppliedByAll
    {
        get
        {
            lock (_lock)
            {
                return _proxies.Count == 0 ? _version : _proxies.Values.Min();
            }
        }
    }

    /// <summary>Hears of every pool of the engine, from now on.</summary>
    public FakeRoutingTables Follow(FakeComputeEngine engine)
    {
        engine.Changed += news => Endpoints(news.Pool.Id, news.Pool.Spec.Release.Scope, news.Pool.Ready);
        return this;
    }

    public void Endpoints(PoolId pool, ScopeRef scope, int ready) => Change(() => _pools[pool] = (scope, ready));

    /// <summary>A live proxy that has applied nothing yet.</summary>
    public void Connect(string proxy) => Change(() => _proxies[proxy] = AutoApply ? _version : 0);

    public void Disconnect(string proxy) => Change(() => _proxies.Remove(proxy));

    public void Apply(string proxy, long version) => Change(() => _proxies[proxy] = Math.Max(_proxies[proxy], version));

    public void Report(string proxy, PoolTraffic traffic) => Change(() => _traffic[(proxy, traffic.Pool)] = traffic);

    /// <summary>What the scope calls from now on.</summary>
    public void Depend(ScopeRef scope, IEnumerable<ScopeRef> on) => Change(() => _dependencies[scope] = [.. on.Distinct().OrderBy(one => $"{one}")]);

    /// <summary>The next publication is refused; calls add up.</summary>
    public void FailNext(Fault fault) => Change(() => _faults.Enqueue(fault));

    public Task<Outcome<RoutingTable>> Publish(
        ScopeRef scope, IReadOnlyList<PoolWeight> pools, long fence, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(_faults.TryDequeue(out var fault) ? fault : Replace(scope, pools, fence));
        }
    }

    public Task<RoutingTable> Current(ScopeRef scope, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(_tables.GetValueOrDefault(scope) ?? new RoutingTable(scope, 0, [], 0));
        }
    }

    public Task<Convergence> Converged(ScopeRef scope, long version, TimeSpan patience, CancellationToken cancellation) =>
        Wait(null, version, patience, cancellation);

    public Task<Convergence> Drained(ScopeRef scope, PoolId pool, long version, TimeSpan patience, CancellationToken cancellation) =>
        Wait(pool, version, patience, cancellation);

    private async Task<Convergence> Wait(PoolId? pool, long version, TimeSpan patience, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(patience);
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                var found = new Convergence(version, [.. Behind(version), .. Busy(pool)]);
                if (found.Done || over.IsCancellationRequested || patience <= TimeSpan.Zero)
                {
                    cancellation.ThrowIfCancellationRequested();
                    return found;
                }

                moved = _moved.Task;
            }

            await moved.WaitAsync(over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task<IReadOnlyList<PoolTraffic>> Traffic(IReadOnlyList<PoolId> pools, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<PoolTraffic>>([.. pools.Select(Sum)]);
        }
    }

    public Task<IReadOnlyList<ScopeRef>> Dependencies(ScopeRef scope, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(_dependencies.GetValueOrDefault(scope) ?? []);
        }
    }

    /// <summary>Scopes whose requests are held.</summary>
    public IReadOnlyCollection<ScopeRef> Held
    {
        get
        {
            lock (_lock)
            {
                return [.. _holds.Where(hold => hold.Value.Holds).Select(hold => hold.Key)];
            }
        }
    }

    public Task<long> Hold(ScopeRef scope, bool holds, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_holds.GetValueOrDefault(scope).Holds != holds)
            {
                _holds[scope] = (holds, ++_version);
                Spread();
            }

            return Task.FromResult(_holds.GetValueOrDefault(scope).Version);
        }
    }

    public Uri Address(ScopeRef scope) => new($"http://{scope.Scope}.{scope.Application}.localhost:7081");

    private Outcome<RoutingTable> Replace(ScopeRef scope, IReadOnlyList<PoolWeight> pools, long fence)
    {
        var known = _tables.GetValueOrDefault(scope) ?? new RoutingTable(scope, 0, [], 0);
        if (fence < known.Fence)
        {
            return Fault.Stale($"Fence {fence} is lower than {known.Fence}.");
        }

        if (!pools.All(IsWeight) || (pools.Count > 0 && pools.Sum(pool => pool.Weight) != 100))
        {
            return Fault.Invalid("pools", pools.Sum(pool => pool.Weight), "weights of at most two decimals that add up to 100, or no pools");
        }

        if (known.Version > 0 && known.Pools.SequenceEqual(pools))
        {
            return _tables[scope] = known with { Fence = fence };
        }

        if (pools.FirstOrDefault(pool => pool.Weight > 0 && _pools.GetValueOrDefault(pool.Pool).Ready == 0) is { } dead)
        {
            return Fault.Conflict($"Pool {dead.Pool} has no ready endpoint.");
        }

        var table = _tables[scope] = new RoutingTable(scope, ++_version, [.. pools], fence);
        _published.Add(table);
        Spread();
        return table;
    }

    private static bool IsWeight(PoolWeight pool) => pool.Weight is >= 0 and <= 100 && decimal.Round(pool.Weight, 2) == pool.Weight;

    private void Spread()
    {
        foreach (var proxy in AutoApply ? _proxies.Keys.ToList() : [])
        {
            _proxies[proxy] = _version;
        }

        Moved();
    }

    private IEnumerable<ProxyState> Behind(long version) =>
        from proxy in _proxies
        where proxy.Value < version
        orderby proxy.Key
        select new ProxyState(proxy.Key, ProxyStage.Waiting, default, $"it has applied {proxy.Value}");

    private IEnumerable<ProxyState> Busy(PoolId? pool) =>
        from traffic in _traffic
        where traffic.Key.Pool == pool && traffic.Value.InFlight > 0
        orderby traffic.Key.Proxy
        select new ProxyState(traffic.Key.Proxy, ProxyStage.Busy, default, $"{traffic.Value.InFlight} requests in flight");

    private PoolTraffic Sum(PoolId pool)
    {
        var all = _traffic.Values.Where(traffic => traffic.Pool == pool).ToList();
        var isSplit = _tables.Values.Any(table => table.Pools.Count > 1 && table.Pools.Any(entry => entry.Pool == pool));
        return Sum(pool, all) with { Replicas = isSplit ? [.. Replicas(all)] : [] };
    }

    private static IEnumerable<ReplicaTraffic> Replicas(IEnumerable<PoolTraffic> all) =>
        from one in all.SelectMany(traffic => traffic.Replicas)
        group one by one.Replica into replica
        orderby replica.Key.Value
        select replica.Aggregate((sum, more) => new ReplicaTraffic(
            replica.Key, sum.Requests + more.Requests, sum.Errors + more.Errors, Plus(sum.LatencyCounts, more.LatencyCounts)));

    private static long[] Plus(IReadOnlyList<long> one, IReadOnlyList<long> other) => [.. one.Zip(other, (first, second) => first + second)];

    private static PoolTraffic Sum(PoolId pool, IEnumerable<PoolTraffic> all) => all.Aggregate(
        PoolTraffic.None(pool),
        (sum, traffic) => new PoolTraffic(
            pool,
            sum.Requests + traffic.Requests,
            sum.Errors + traffic.Errors,
            sum.Failures + traffic.Failures,
            sum.InFlight + traffic.InFlight,
            Plus(sum.LatencyCounts, traffic.LatencyCounts)));

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            Moved();
        }
    }

    private void Moved()
    {
        _moved.SetResult();
        _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
