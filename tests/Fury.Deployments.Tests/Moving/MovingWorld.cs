using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Planning;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Mesh.Contracts;
using Fury.Testing;
using NSubstitute;

namespace Fury.Deployments.Tests.Moving;

/// <summary>
/// One seed = one scope that moves from EC2 to Compute Engine under traffic. Demand is counted in replicas that carry it, and each proxy sends its part of it
/// by the table that it has applied. Demand rises, and an instance dies, only where what is there at that moment carries the traffic still; what the platform
/// does afterwards must not change that: at every moment each pool has as many ready replicas as the traffic that it gets. The one exception is an abort
/// that cannot be gone in full, and it is counted.
/// </summary>
internal sealed class MovingWorld
{
    private const int SecondsMax = 20_000;
    private const int StepsAtOnceMax = 50;
    private static readonly string[] Proxies = ["one", "two", "three"];
    private static readonly Location From = StandardInMemory.At("aws", "us-east-1");
    private static readonly Location To = StandardInMemory.At("gcp", "europe-west1");

    private readonly Random _random;
    private readonly TestClock _clock = new();
    private readonly FakeRoutingTables _tables = new() { AutoApply = false };
    private readonly FakeCatalog _catalog;
    private readonly StandardInMemory _engine;
    private readonly ScopeRef _scope;
    private readonly World _world;
    private readonly Dictionary<string, RoutingTable> _applied = [];
    private readonly int _size;
    private readonly double _abortChance;
    private DeploymentRecord _record;
    private Fault? _refused;
    private bool _confirmed;
    private double _demand;

    public MovingWorld(int seed)
    {
        _random = new Random(seed);
        _size = _random.Next(2, 11);
        _abortChance = _random.Next(3) == 0 ? 0.005 : 0;
        _catalog = new FakeCatalog { MinReplicas = _size };
        _engine = new(_clock, _random) { Trouble = _random.NextDouble() * 0.4 };
        _scope = _catalog.AddScope("shop/production-web");
        var release = _catalog.Freeze(_scope, VersionName.Parse("1.0.0"), default).Result.Value;
        var old = new PoolPlan(PoolId.New(_clock), release.Id, release.Version, ComputeKind.Standard, From, _size, _size, 10);
        _engine.Stand(new(
            old.Id,
            new(release.Id, release.Scope, release.Version, release.Artifact, release.Environment, release.Size, release.HealthPath),
            From, _size, _size, 10));
        Tell();
        var first = _tables.Publish(_scope, Weights.Alone([old]), 0, default).Result.Value;
        foreach (var proxy in Proxies)
        {
            _tables.Connect(proxy);
            Apply(proxy, first);
        }

        var policy = Policies.DefaultOf(Strategy.Migration) with
        {
            ProvisionSeconds = _random.Next(4) == 0 ? 60 : 3600,
            JudgeSeconds = _random.Next(30),
            BakeSeconds = _random.Next(60),
            HeadroomPercent = _random.Next(3) * 20,
        };
        _record = new DeploymentRecord(
            DeploymentId.New(_clock), _scope, Strategy.Migration, policy, release.Id, release.Version, PoolId.New(_clock), _clock.GetUtcNow())
        {
            Phase = DeploymentPhase.Admitted,
            PhaseSince = _clock.GetUtcNow(),
            Deadline = _clock.GetUtcNow() + Machine.BeginDeadline,
            Revision = 1,
            Fence = 1,
            Route = new(Steps(policy), []) { Relocation = new(From, To) },
        };
        var store = Substitute.For<IDeploymentStore>();
        store.FindScope(_scope, default).ReturnsForAnyArgs(_ => new ScopeRow([old], _record.Id, null));
        _world = new World(_catalog, [_engine], _tables, store, new NoVerdicts(), new NoGates(), _clock);
    }

    public DeploymentRecord Record => _record;

    public StandardInMemory Engine => _engine;

    public List<string> History { get; } = [];

    public int Killed { get; private set; }

    /// <summary>Whether an abort has sent traffic to a pool that could not carry it.</summary>
    public bool WasShort { get; private set; }

    public double DemandMost { get; private set; }

    public void Run()
    {
        for (var second = 0; !_record.Ended; second++)
        {
            Assert.True(second < SecondsMax, $"It has not ended: {_record.Phase}, {_record.Reason}.");
            _engine.Tick();
            Check("the engine has moved");
            Disturb();
            Check("something has happened outside");
            foreach (var proxy in Proxies.Where(_ => _random.Next(3) == 0))
            {
                Apply(proxy, _tables.Current(_scope, default).Result);
                Check($"proxy {proxy} has applied its table");
            }

            Drive();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        AssertNothingIsLeft();
    }

    private Step[] Steps(Policy policy)
    {
        decimal[] weights = [.. Enumerable.Range(0, _random.Next(4)).Select(_ => (decimal)_random.Next(1, 100)).Order(), 100];
        return [.. weights.Select(weight => new Step(weight, Gate.Timed, _random.Next(60), 3600, policy.OnFail, weight, []))];
    }

    /// <summary>The driver, as far as it comes now.</summary>
    private void Drive()
    {
        for (var step = 0; step < StepsAtOnceMax && !_record.Ended; step++)
        {
            var move = Machine.Advance(_record, _world.Look(_record, _confirmed, _refused, default).Result, _clock.GetUtcNow());
            if (move is Move.Wait)
            {
                _refused = null;
                return;
            }

            if (move is Move.Go go)
            {
                Write(go);
                continue;
            }

            var done = _world.Do(_record, move, default).Result;
            (_refused, _confirmed) = (done.Fault, _confirmed || (done.IsOk && move is Move.Publish));
            Check($"{move.GetType().Name}, {done.Fault?.Message ?? "done"}");
        }
    }

    private void Write(Move.Go go)
    {
        History.Add($"{_clock.GetUtcNow():HH:mm:ss} {go.Next.Phase}: {go.Message}");
        (_record, _refused, _confirmed) = (go.Next, null, false);
    }

    private void Disturb()
    {
        var held = _record is { Phase: DeploymentPhase.Held, Back: null };
        var command = _random.NextDouble() < _abortChance ? Command.Abort
            : held && _random.Next(10) == 0 ? (_record.Held!.Cause == HoldCause.Finalise ? Command.Finalise : Command.Resume)
            : (Command?)null;
        if (command is { } asked && Commands.Of(asked, _record, "somebody wants it", _clock.GetUtcNow()) is { IsOk: true, Value: { } go })
        {
            Write(go);
        }

        var demand = Math.Clamp(_demand + ((_random.NextDouble() - 0.45) * 0.1 * _size), 0, _size);
        if (demand < _demand || _engine.Pools.All(pool => Need(pool.Spec.Id, demand) <= _engine.Ready(pool.Spec.Id)))
        {
            (_demand, DemandMost) = (demand, Math.Max(DemandMost, demand / _size));
        }

        var spare = _engine.Pools.Where(pool => _engine.Ready(pool.Spec.Id) - 1 >= Need(pool.Spec.Id, _demand) && _engine.Ready(pool.Spec.Id) > 0).ToList();
        if (spare.Count > 0 && _random.Next(40) == 0)
        {
            _engine.Kill(spare[_random.Next(spare.Count)].Spec.Id);
            Killed++;
        }
    }

    /// <summary>Replicas that carry what the pool gets, and what it gets once every proxy has applied the table of now.</summary>
    private double Need(PoolId pool, double demand) => Math.Max(Sent(pool, demand), Share(_tables.Current(_scope, default).Result, pool) * demand);

    /// <summary>Replicas that carry what the pool gets now.</summary>
    private double Sent(PoolId pool, double demand) => _applied.Values.Sum(table => Share(table, pool) * demand / Proxies.Length);

    private static double Share(RoutingTable table, PoolId pool) => (double)table.Pools.Where(one => one.Pool == pool).Sum(one => one.Weight) / 100;

    private void Check(string after)
    {
        Tell();
        foreach (var pool in _engine.Pools)
        {
            var (ready, sent) = (_engine.Ready(pool.Spec.Id), Sent(pool.Spec.Id, _demand));
            WasShort |= ready < sent - 1e-9 && IsAbortedInPart;
            Assert.True(
                ready >= sent - 1e-9 || WasShort,
                $"Once {after}, {ready} replicas at {pool.Spec.Location} get what {sent:0.00} carry, in {_record.Phase}.");
        }
    }

    /// <summary>Who aborts wants it back: when the time of restoring is over it goes back to what there is, as it is documented.</summary>
    private bool IsAbortedInPart => _record.Back is { Asked: true } && History.Any(line => line.Contains("time is over.", StringComparison.Ordinal));

    private void Tell()
    {
        foreach (var pool in _engine.Pools)
        {
            _tables.Endpoints(pool.Spec.Id, _scope, _engine.Ready(pool.Spec.Id));
        }
    }

    private void Apply(string proxy, RoutingTable table)
    {
        _applied[proxy] = table;
        _tables.Apply(proxy, table.Version);
    }

    private void AssertNothingIsLeft()
    {
        var home = _record.Serving is { } serving ? Assert.Single(serving).Location : From;
        Assert.True(_record.Phase != DeploymentPhase.Done || home == To);
        for (var second = 0; second < 600; second++)
        {
            _engine.Tick();
            Check("it has ended");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        // What the deployment has left is named in its record; who takes it down afterwards is not in this world.
        Assert.All(
            _engine.Pools.Where(pool => pool.Spec.Location != home && _record.Leftovers.All(left => left.Id != pool.Spec.Id)),
            pool => Assert.Equal((PoolPhase.Retired, 0), (pool.Phase, pool.Instances.Count)));
        Assert.Equal(_size, Assert.Single(_engine.Pools, pool => pool.Phase == PoolPhase.Active && pool.Spec.Location == home).ToState().Ready);
    }
}
