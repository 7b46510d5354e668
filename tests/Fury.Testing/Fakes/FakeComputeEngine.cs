using System.Runtime.CompilerServices;
using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Testing;

/// <summary>
/// An engine in memory. It passes <see cref="ComputeEngineContract"/>, and can be told to fail, to never get ready and to crash. Replicas
/// are ready, and retired pools gone, before the call that asked for it returns, unless <see cref="AutoReady"/> or
/// <see cref="AutoStop"/> is off.
/// </summary>
public sealed partial class FakeComputeEngine(ComputeKind kind = ComputeKind.Standard) : IComputeEngine
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PoolId, PoolState> _pools = [];
    private readonly List<PoolChanged> _news = [];
    private readonly List<LogLine> _lines = [];
    private readonly Dictionary<InstanceId, ReplicaUsage> _usage = [];
    private readonly Queue<Fault> _faults = [];
    private readonly HashSet<ReleaseId> _neverReady = [];
    private readonly Dictionary<ReleaseId, Fault> _cannotStart = [];
    private TaskCompletionSource _lineWritten = new();
    private int _addresses;

    /// <summary>Each change of a pool, in order, raised while the engine is locked: hand it on, do not wait in it.</summary>
    public event Action<PoolChanged>? Changed;

    public ComputeKind Kind => kind;

    /// <summary>Where pools can be asked for; any other location is refused.</summary>
    public IReadOnlyList<Location> Places { get; set; } = [new("local", "this-machine", "instances"), new("local", "this-machine", "clusters")];

    /// <summary>True: replicas of a release that is not bad are ready at once. False: the test says <see cref="BecomeReady"/>.</summary>
    public bool AutoReady { get; set; } = true;

    /// <summary>True: a pool that is retired is gone at once. False: the test says <see cref="FinishStopping"/>.</summary>
    public bool AutoStop { get; set; } = true;

    /// <summary>Where a new replica listens, given its pool and how many replicas there were before it; an address of its own by default.</summary>
    public Func<PoolSpec, int, (string Address, int Port)> Addresses { get; set; } =
        (_, number) => ($"127.90.{number / 250}.{(number % 250) + 1}", 8080);

    /// <summary>Everything told so far, in order.</summary>
    public IReadOnlyList<PoolChanged> News
    {
        get
        {
            lock (_lock)
            {
                return [.. _news];
            }
        }
    }

    /// <summary>All pools ever asked for.</summary>
    public IReadOnlyList<PoolState> Pools
    {
        get
        {
            lock (_lock)
            {
                return [.. _pools.Values];
            }
        }
    }

    public Task<IReadOnlyList<Location>> Locations(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Location>>([.. Places.OrderBy(place => $"{place}", StringComparer.Ordinal)]);

    public Task<Outcome<PoolState>> Ensure(PoolSpec pool, CancellationToken cancellation) => Change(() =>
    {
        var check = new Validation();
        check.Require(pool.Ceiling is >= 1 and <= 1000, pool.Ceiling, "1 to 1000");
        check.Require(pool.Replicas >= 0 && pool.Replicas <= pool.Ceiling, pool.Replicas, "0 to the ceiling");
        check.Require(pool.Floor >= 0 && pool.Floor <= pool.Ceiling, pool.Floor, "0 to the ceiling");
        check.Require(Places.Contains(pool.Location), pool.Location, $"one of {string.Join(", ", Places)}", "location");
        if (check.Fault is { } bad)
        {
            return bad;
        }

        var wish = pool with { Replicas = Math.Max(pool.Replicas, pool.Floor) };
        if (!_pools.TryGetValue(pool.Id, out var known))
        {
            return Scale(Save(new PoolState(wish, PoolPhase.Active, [], Revision: 0)));
        }

        if (known.Phase != PoolPhase.Active)
        {
            return Fault.Conflict($"Pool '{pool.Id}' is {known.Phase} and is never revived.");
        }

        return known.Spec.Release.Id != pool.Release.Id || known.Spec.Location != pool.Location
            ? Fault.Conflict($"Pool '{pool.Id}' is of another release or at another location.")
            : (known.Spec.Replicas, known.Spec.Floor, known.Spec.Ceiling) == (wish.Replicas, wish.Floor, wish.Ceiling)
                ? known
                : Scale(known with { Spec = wish });
    });

    public Task<Outcome<PoolState>> SetFloor(PoolId pool, int floor, CancellationToken cancellation) => Change(() =>
        !_pools.TryGetValue(pool, out var known) ? Fault.NotFound("pool", pool)
        : known.Phase != PoolPhase.Active ? Fault.Conflict($"Pool '{pool}' is {known.Phase}.")
        : floor < 0 || floor > known.Spec.Ceiling ? Fault.Invalid("floor", floor, $"0 to {known.Spec.Ceiling}")
        : floor == known.Spec.Floor ? known
        : Scale(known with { Spec = known.Spec with { Floor = floor, Replicas = Math.Max(known.Spec.Replicas, floor) } }));

    public Task<Outcome<PoolState>> Retire(PoolId pool, CancellationToken cancellation) => Change(() =>
    {
        if (!_pools.TryGetValue(pool, out var known))
        {
            return _pools[pool] = new PoolState(PoolSpec.Unknown(pool), PoolPhase.Retired, [], Revision: 1);
        }

        return known.Phase == PoolPhase.Active
            ? Settle(known with { Phase = PoolPhase.Retiring, Replicas = [.. known.Replicas.Select(Stopping)], Problem = null })
            : known;
    });

    public Task<Outcome<PoolState>> Replace(PoolId pool, InstanceId replica, CancellationToken cancellation) => Change(() =>
        !_pools.TryGetValue(pool, out var known) ? Fault.NotFound("pool", pool)
        : known.Phase != PoolPhase.Active ? Fault.Conflict($"Pool '{pool}' is {known.Phase}.")
        : known.Replicas.Any(live => live.Id == replica && live.Phase != ReplicaPhase.Stopping)
            ? Scale(known with { Replicas = [.. known.Replicas.Select(live => live.Id == replica ? Stopping(live) : live)] })
        : known);

    public Task<IReadOnlyList<PoolState>> Describe(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pools.Count, IComputeEngine.PoolsMax);
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<PoolState>>(
                [.. pools.Distinct().Where(_pools.ContainsKey).Select(pool => _pools[pool]).OrderBy(pool => $"{pool.Id}", StringComparer.Ordinal)]);
        }
    }

    public async Task<IReadOnlyList<ReplicaUsage>> Usage(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation)
    {
        var replicas = (await Describe(pools, cancellation)).SelectMany(pool => pool.Replicas).Select(replica => replica.Id).ToHashSet();
        lock (_lock)
        {
            return [.. _usage.Values.Where(usage => replicas.Contains(usage.Replica))];
        }
    }

    public Task<Outcome<PoolState>> Describe(PoolId pool, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<Outcome<PoolState>>(_pools.TryGetValue(pool, out var known) ? known : Fault.NotFound("pool", pool));
        }
    }

    public Task<IReadOnlyList<PoolState>> List(ScopeRef scope, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<PoolState>>(
                [.. _pools.Values.Where(pool => pool.Spec.Release.Scope == scope && pool.Phase != PoolPhase.Retired)]);
        }
    }

    public async IAsyncEnumerable<LogLine> Logs(
        PoolId pool, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var seen = -1;
        while (true)
        {
            List<LogLine> lines;
            Task written;
            lock (_lock)
            {
                lines = [.. _lines.Where(line => line.Pool == pool)];
                written = _lineWritten.Task;
            }

            var from = seen < 0 ? Math.Max(0, lines.Count - tail) : seen;
            seen = lines.Count;
            foreach (var line in lines.Skip(from))
            {
                yield return line;
            }

            if (!follow)
            {
                yield break;
            }

            await written.WaitAsync(cancellation);
        }
    }

    private static ReplicaState Stopping(ReplicaState replica) =>
        replica with { Phase = ReplicaPhase.Stopping, Reason = "It is being stopped." };

    private Task<Outcome<PoolState>> Change(Func<Outcome<PoolState>> change)
    {
        lock (_lock)
        {
            return Task.FromResult(_faults.TryDequeue(out var fault) ? fault : change());
        }
    }

    private PoolState Scale(PoolState pool)
    {
        if (_cannotStart.TryGetValue(pool.Spec.Release.Id, out var problem))
        {
            return Save(pool with { Problem = problem });
        }

        var live = pool.Replicas.Where(replica => replica.Phase != ReplicaPhase.Stopping).ToList();
        var missing = Math.Max(0, pool.Spec.Replicas - live.Count);
        var surplus = live.Skip(pool.Spec.Replicas).Select(replica => replica.Id).ToHashSet();
        return Settle(pool with
        {
            Replicas =
            [
                .. pool.Replicas.Select(replica => surplus.Contains(replica.Id) ? Stopping(replica) : replica),
                .. Enumerable.Range(0, missing).Select(_ => NewReplica(pool.Spec)),
            ],
        });
    }

    private ReplicaState NewReplica(PoolSpec pool)
    {
        var (address, port) = Addresses(pool, _addresses++);
        return new(InstanceId.New(TimeProvider.System), ReplicaPhase.Starting, address, port, Restarts: 0, "It is starting.");
    }

    private PoolState Settle(PoolState pool)
    {
        Save(pool);
        if (AutoReady && !_neverReady.Contains(pool.Spec.Release.Id) && pool.Replicas.Any(replica => replica.Phase == ReplicaPhase.Starting))
        {
            BecomeReady(pool.Id);
        }

        if (AutoStop && (pool.Phase == PoolPhase.Retiring || pool.Replicas.Any(replica => replica.Phase == ReplicaPhase.Stopping)))
        {
            FinishStopping(pool.Id);
        }

        return _pools[pool.Id];
    }

    private PoolState Save(PoolState pool)
    {
        var saved = pool with { Revision = pool.Revision + 1 };
        var news = new PoolChanged(saved);
        _pools[pool.Id] = saved;
        _news.Add(news);
        Changed?.Invoke(news);
        return saved;
    }
}
