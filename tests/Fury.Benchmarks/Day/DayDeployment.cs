using Fury.Benchmarks.Rollouts;
using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using StateMachine = Fury.Deployments.Driving.Machine;

namespace Fury.Benchmarks.Day;

/// <summary>
/// A deployment from its admission to its end: the real machine and the real judge over a made-up scope, in made-up time. Whoever is asked because it is held
/// looks after a quarter of an hour, promotes what is good and aborts what is bad.
/// </summary>
internal sealed class DayDeployment
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Spreads = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PersonComes = TimeSpan.FromMinutes(15);

    private readonly Wanted _wanted;
    private readonly SetTime _clock;
    private readonly Dictionary<PoolId, DayPool> _pools = [];
    private readonly Dictionary<PoolId, Release> _releases = [];
    private readonly Assessment _assessment;
    private readonly Situation _situation;
    private readonly Random _random;
    private DeploymentRecord _record;
    private RoutingTable _table;
    private bool _confirmed;
    private bool _wasHeld;
    private DateTimeOffset? _decidedAt;
    private DateTimeOffset _publishedAt;
    private DateTimeOffset _tickedAt;

    public DayDeployment(Wanted wanted)
    {
        var (number, scope, _, at, seed) = wanted;
        (_wanted, NextAt, _clock, _random) = (wanted, at, new(at), new(seed));
        var (old, release) = (DayScope.ReleaseOf(number, 1), DayScope.ReleaseOf(number, 2));
        var current = scope.Pool(old, _clock);
        var policy = Policies.DefaultOf(scope.Strategy);
        _record = new(
            DeploymentId.New(_clock), SimulatedCatalog.Scope(number), scope.Strategy, policy, release.Id, release.Version, PoolId.New(_clock), at)
        {
            Phase = DeploymentPhase.Admitted,
            PhaseSince = at,
            Deadline = at + StateMachine.BeginDeadline,
            Revision = 1,
        };
        Of(current, old, isCandidate: false).Scale(scope.Replicas, scope.Replicas, at, atOnce: true);
        _pools[current.Id].Weight = 100;
        _table = new(_record.Scope, 1, [new(current.Id, 100)], 0);
        _situation = new(release, [new(current, scope.Replicas)], scope.Replicas, [_record.CandidatePool])
        {
            Traffic = new(scope.LoadAt(at.TimeOfDay), scope.ErrorShare, (2 * scope.Burst) - 1),
        };
        _assessment = new(_record, () => { });
        _assessment.Load(null, [], Judgement.Begin());
    }

    /// <summary>When something may happen to it next.</summary>
    public DateTimeOffset NextAt { get; private set; }

    public bool Ended => _record.Ended;

    private DayPool? Candidate => _pools.GetValueOrDefault(_record.CandidatePool);

    public Ended ToEnded() => new(
        _wanted,
        _record.EndedAt!.Value,
        _record.Phase == DeploymentPhase.RolledBack,
        _wasHeld,
        Candidate?.FirstServedAt,
        _decidedAt,
        Candidate?.Requests ?? 0,
        Candidate?.Excess ?? 0,
        _record.Back?.Reason ?? _record.Reason);

    /// <summary>All that happens at <see cref="NextAt"/>.</summary>
    public void Advance()
    {
        _clock.Now = NextAt;
        foreach (var pool in _pools.Values)
        {
            pool.Until(_clock.Now, Candidate?.FirstServedAt is { } first ? _clock.Now - first : TimeSpan.Zero);
        }

        if (_assessment.IsJudged && _clock.Now - _tickedAt >= Tick)
        {
            Judge();
        }

        var until = Drive();
        if (Ended)
        {
            return;
        }

        DateTimeOffset?[] next =
        [
            until,
            _assessment.IsJudged ? _tickedAt + Tick : null,
            _publishedAt + Spreads > _clock.Now ? _publishedAt + Spreads : null,
            .. _pools.Values.Select(pool => pool.ReadyNext(_clock.Now)),
        ];
        NextAt = next.OfType<DateTimeOffset>().Where(at => at > _clock.Now).Min();
    }

    private void Judge()
    {
        _tickedAt = _clock.Now;
        var glance = new Glance(
            _pools.ToDictionary(pool => pool.Key, pool => pool.Value.Traffic()),
            _pools.ToDictionary(pool => pool.Key, pool => pool.Value.StateAt(_clock.Now, _releases[pool.Key])),
            Array.Empty<ReplicaUsage>().ToLookup(usage => usage.Pool));
        if (_assessment.Next(glance, _clock.Now) is { } tick)
        {
            _assessment.Take(tick, _assessment.Number + 1, glance);
        }
    }

    /// <summary>Makes moves until the machine waits. Returns until when.</summary>
    private DateTimeOffset Drive()
    {
        while (!_record.Ended)
        {
            _assessment.Follow(_record);
            var move = ByPerson() ?? StateMachine.Advance(_record, Look(), _clock.Now);
            switch (move)
            {
                case Move.Go go:
                    _decidedAt ??= go.Next.Back is not null ? go.At : null;
                    _wasHeld |= go.Next.Phase == DeploymentPhase.Held;
                    (_record, _confirmed) = (go.Next, false);
                    break;
                case Move.Ensure(var pool, var replicas, var floor):
                    Of(pool, pool.Release == _situation.Release.Id ? _situation.Release : _releases[pool.Id], pool.Id == _record.CandidatePool)
                        .Scale(replicas, floor, _clock.Now);
                    break;
                case Move.SetFloor(var pool, var floor):
                    _pools[pool.Id].SetFloor(floor, _clock.Now);
                    break;
                case Move.Replace(var pool, var replica):
                    _pools[pool.Id].Replace(replica, _clock.Now);
                    break;
                case Move.Retire(var pool):
                    _pools[pool.Id].Retire();
                    break;
                case Move.Publish(var pools):
                    Publish(pools);
                    break;
                case Move.Wait wait:
                    return wait.Until;
            }
        }

        return _clock.Now;
    }

    private Move.Go? ByPerson() => _record is { Phase: DeploymentPhase.Held, Held: { } held } && _clock.Now - held.Since >= PersonComes
        ? _wanted.Kind.IsBad()
            ? Commands.Abort(_record, "It is bad.", _clock.Now)
            : Commands.Of(Command.Promote, _record, "It is good.", _clock.Now).Value ?? throw new InvalidOperationException($"Not promoted: {held.Why}")
        : null;

    private void Publish(IReadOnlyList<PoolWeight> pools)
    {
        (_table, _publishedAt, _confirmed) = (new(_record.Scope, _table.Version + 1, pools, 0), _clock.Now, true);
        foreach (var pool in _pools.Values)
        {
            pool.Weight = pools.FirstOrDefault(weight => weight.Pool == pool.Id)?.Weight ?? 0;
        }
    }

    private Seen Look() => new()
    {
        Situation = _situation,
        Pools = _pools.ToDictionary(pool => pool.Key, pool => pool.Value.StateAt(_clock.Now, _releases[pool.Key])),
        Table = _table,
        Confirmed = _confirmed,
        Behind = _clock.Now - _publishedAt >= Spreads ? [] : [new("a proxy", ProxyStage.Waiting, _publishedAt, "it comes")],
        Verdict = _record.Back is null ? _assessment.Judged?.Verdict : null,
        Fresh = [PoolId.New(_clock)],
    };

    private DayPool Of(PoolPlan plan, Release release, bool isCandidate)
    {
        _releases[plan.Id] = release;
        return _pools.TryGetValue(plan.Id, out var known) ? known : _pools[plan.Id] = new(_wanted.Scope, plan, _wanted.Kind, isCandidate, _random);
    }

    private sealed class SetTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
