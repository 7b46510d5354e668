using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Mesh.Contracts;
using Fury.Testing;
using NSubstitute;

namespace Fury.Deployments.Tests;

/// <summary>
/// One seed = one world: a scope at one to three locations, a strategy with steps of any kind, an engine whose replicas come, crash and recover, a mesh whose
/// proxies are slow, stop applying, die and are forgotten, a judge that changes its mind, people who hold, resume, promote and abort at any moment, a driver
/// that is killed between any two steps and replaced under a higher fence. The invariants are asserted at every step.
/// </summary>
internal sealed partial class SimulatedWorld : IVerdicts
{
    private const int StepsMax = 20_000;

    private static readonly string[] Proxies = ["one", "two", "three"];

    private static readonly Strategy[] Strategies =
        [Strategy.AllIn, Strategy.BlueGreen, Strategy.Canary, Strategy.Canary, Strategy.Safe, Strategy.Safe, Strategy.Migration];

    private readonly Random _random;
    private readonly TestClock _clock = new();
    private readonly FakeComputeEngine _engine = new()
    {
        AutoReady = false,
        AutoStop = false,
        Places = [.. new[] { "region-0", "region-1", "region-2", "elsewhere" }.Select(region => Planner.FirstLocation with { Region = region })],
    };
    private readonly FakeRoutingTables _tables = new() { AutoApply = false };
    private readonly FakeCatalog _catalog = new() { MinReplicas = 2 };
    private readonly ScopeRef _scope;
    private readonly World _world;
    private readonly Dictionary<string, long> _applied = [];
    private readonly Dictionary<(string Proxy, PoolId Pool), PoolTraffic> _traffic = [];
    private readonly HashSet<PoolId> _broken = [];
    private readonly double _chaos;
    private DeploymentRecord _record;
    private long _fence = 1;
    private Fault? _refused;
    private bool _confirmed;

    public SimulatedWorld(int seed, bool first)
    {
        _random = new Random(seed);
        _chaos = _random.NextDouble() * 0.2;
        _scope = _catalog.AddScope("shop/production-web");
        _tables.Follow(_engine);
        List<PoolPlan> current = [];
        foreach (var proxy in Proxies)
        {
            _tables.Connect(proxy);
            _applied[proxy] = 0;
        }

        var places = Enumerable.Range(0, _random.Next(1, 4)).Select(index => Planner.FirstLocation with { Region = $"region-{index}" }).ToList();
        var shares = places.Select((_, index) => index == 0 ? 100 - (10m * (places.Count - 1)) : 10).ToList();
        if (!first)
        {
            var old = _catalog.Freeze(_scope, VersionName.Parse("1.0.0"), default).Result.Value;
            for (var index = 0; index < places.Count; index++)
            {
                var pool = new PoolPlan(PoolId.New(_clock), old.Id, old.Version, ComputeKind.Standard, places[index], 2, 2, 10) { Share = shares[index] };
                _ = _engine.Ensure(SpecOf(old, pool), default);
                _engine.BecomeReady(pool.Id);
                current.Add(pool);
            }

            var table = _tables.Publish(_scope, Weights.Alone(current), 0, default).Result.Value;
            foreach (var proxy in Proxies)
            {
                Apply(proxy, table.Version);
            }
        }

        var release = _catalog.Freeze(_scope, VersionName.Parse("1.1.0"), default).Result.Value;
        var strategy = first ? Strategy.AllIn : Strategies[_random.Next(Strategies.Length)];
        var policy = new Policy(
            _random.Next(1, 60), _random.Next(1, 10), _random.Next(3) * 10, _random.Next(3) * 10, _random.Next(10), 5, 20, _random.Next(3),
            (WhenUnconverged)_random.Next(3))
        {
            StepDeadlineSeconds = _random.Next(1, 60),
            HoldSeconds = _random.Next(1, 60),
            OnFail = _random.Next(5) == 0 ? OnFail.Hold : OnFail.Rollback,
        };
        if (_random.Next(4) == 0)
        {
            Stop(Proxies[0]);
        }

        _record = new DeploymentRecord(
            DeploymentId.New(_clock), _scope, strategy, policy, release.Id, release.Version, PoolId.New(_clock), _clock.GetUtcNow())
        {
            Phase = DeploymentPhase.Admitted,
            PhaseSince = _clock.GetUtcNow(),
            Deadline = _clock.GetUtcNow() + Machine.BeginDeadline,
            Revision = 1,
            Fence = _fence,
            Route = new(StepsOf(strategy, policy), first ? [.. places.Zip(shares, (place, share) => new Place(place, share))] : [])
            {
                Relocation = strategy == Strategy.Migration ? new(places[^1], Planner.FirstLocation with { Region = "elsewhere" }, 1.5m) : null,
            },
        };
        var store = Substitute.For<IDeploymentStore>();
        store.FindScope(_scope, default).ReturnsForAnyArgs(_ => new ScopeRow(current, _record.Id, null));
        _world = new World(_catalog, [_engine], _tables, store, this, new NoGates(), _clock);
    }

    public DeploymentRecord Record => _record;

    public List<Move.Go> History { get; } = [];

    /// <summary>How often a pool was taken down that a proxy still routed to, as the policy allows.</summary>
    public int Waived { get; private set; }

    public void Run()
    {
        for (var step = 0; !_record.Ended; step++)
        {
            Assert.True(step < StepsMax, $"The deployment has not ended after {StepsMax} steps; it is in {_record.Phase}.");
            Disturb();
            Drive();
        }

        Assert.Null(Commands.Abort(_record, "too late", _clock.GetUtcNow()));
        Assert.Throws<InvalidOperationException>(
            () => Machine.Advance(_record, new Seen { Table = new RoutingTable(_scope, 0, [], 0) }, _clock.GetUtcNow()));
    }

    /// <summary>Steps of any kind for strategies that have them; none for half of these.</summary>
    private Step[] StepsOf(Strategy strategy, Policy policy) =>
        strategy is not (Strategy.Canary or Strategy.Safe or Strategy.Migration) || _random.Next(2) == 0 ? [] :
        [
            .. Enumerable.Range(0, _random.Next(4)).Select(_ => StepAt(_random.Next(101), policy)),
            StepAt(100, policy),
        ];

    private Step StepAt(decimal weight, Policy policy) => new(
        weight, (Gate)_random.Next(3), _random.Next(3) * 5, _random.Next(1, 60), policy.OnFail, Math.Max(weight, _random.Next(2) * 100), []);

    private static PoolSpec SpecOf(Catalog.Contracts.Release release, PoolPlan pool) => new(
        pool.Id,
        new ReleaseSpec(release.Id, release.Scope, release.Version, release.Artifact, release.Environment, release.Size, release.HealthPath),
        pool.Location,
        pool.Replicas,
        pool.Floor,
        pool.Ceiling);

    private void Drive()
    {
        var now = _clock.GetUtcNow();
        var seen = _world.Look(_record, _confirmed, _refused, default).Result;
        var move = Machine.Advance(_record, seen, now);
        if (Chance(_chaos / 4))
        {
            // Killed before the move.
            Replace();
            return;
        }

        switch (move)
        {
            case Move.Go go:
                Write(go);
                break;
            case Move.Wait wait:
                Assert.True(wait.Until <= _record.Deadline, $"I5: no wait goes past the deadline: {_record.Phase}.");
                _refused = null;
                _clock.Advance(TimeSpan.FromMilliseconds(
                    Math.Max(1, (wait.Until - now).TotalMilliseconds * (_random.Next(3) == 0 ? 1 : _random.NextDouble()))));
                break;
            default:
                Check(move);
                var done = _world.Do(_record, move, default).Result;
                CheckTables();
                if (Chance(_chaos / 4))
                {
                    // Killed after the move, before it was known.
                    Replace();
                    return;
                }

                _refused = done.Fault;
                _confirmed |= done.IsOk && move is Move.Publish;
                Assert.NotEqual(FaultKind.Stale, _refused?.Kind);
                break;
        }

        Ask();
    }

    /// <summary>Another driver under a higher fence; the earlier one's late publication must not get through once the new one has published.</summary>
    private void Replace()
    {
        _record = _record with { Fence = ++_fence };
        (_refused, _confirmed) = (null, false);
    }

    private void Disturb()
    {
        foreach (var proxy in Proxies)
        {
            Recover(proxy);
            if (_applied.ContainsKey(proxy) && !_stubborn.ContainsKey(proxy) && Chance(0.5))
            {
                Apply(proxy, _tables.Current(_scope, default).Result.Version);
            }

            Traffic(proxy);
        }

        foreach (var pool in _engine.Pools)
        {
            if (pool.Phase == PoolPhase.Retiring && Chance(0.3))
            {
                _engine.FinishStopping(pool.Id);
            }
            else if (pool.Phase == PoolPhase.Active && pool.Ready < pool.Replicas.Count && !_broken.Contains(pool.Id) && Chance(0.4))
            {
                _engine.BecomeReady(pool.Id);
            }
        }

        if (Chance(_chaos))
        {
            Harm();
        }

        _clock.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 100)));
    }

    private void Harm()
    {
        var active = _engine.Pools.Where(pool => pool.Phase == PoolPhase.Active).ToList();
        var victim = active.Count == 0 ? null : active[_random.Next(active.Count)];
        switch (_random.Next(8))
        {
            case 0 when victim is not null:
                _engine.Crash(victim.Id);
                break;
            case 1 when victim is not null:
                _engine.BecomeUnready(victim.Id);
                break;
            case 2 when victim is not null:
                _broken.Add(victim.Id);
                _engine.BecomeUnready(victim.Id);
                break;
            case 3:
                _engine.FailNext(_random.Next(4) == 0 ? Fault.Invalid("No such command.") : Fault.Unavailable("Not now."));
                break;
            case 4:
                _tables.FailNext(Fault.Unavailable("Not now."));
                break;
            case 5 when _applied.Count > 1:
                Forget(_applied.Keys.First());
                break;
            case 6 when _stops < StopsMax:
                Stop(Proxies[_random.Next(Proxies.Length)]);
                break;
            default:
                Replace();
                break;
        }
    }

    private bool Chance(double probability) => _random.NextDouble() < probability;
}
