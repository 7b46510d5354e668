using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Sources;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>A deployment that this host drives, as the judge knows it. Used by one pass at a time; its verdict is read by any thread.</summary>
internal sealed class Assessment(DeploymentRecord record, Action wake)
{
    private volatile DeploymentRecord _record = record;
    private volatile Judged? _judged;
    private IReadOnlyDictionary<PoolId, Totals>? _before;
    private DateTimeOffset _at;
    private Judgement? _judgement;
    private volatile FirstLooks? _looks;

    public DeploymentId Deployment => _record.Id;

    public ScopeRef Scope => _record.Scope;

    /// <summary>Of the last tick that was written.</summary>
    public int Number { get; private set; }

    /// <summary>What was judged before, by this host or another, has been read.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Null before the first tick.</summary>
    public Judged? Judged => _judged;

    /// <summary>Its candidate has traffic, or may have it from one moment to the next.</summary>
    public bool IsJudged => _record is { Back: null, Ended: false, Cells.Count: > 0 }
        && (_record.Cell > 0 || _record.Phase is DeploymentPhase.Shifting or DeploymentPhase.Converging or DeploymentPhase.Judging or DeploymentPhase.Baking
            or DeploymentPhase.Held);

    public IEnumerable<PoolId> Pools => _record.Moving.SelectMany(lane => lane.Pools).Select(pool => pool.Id);

    /// <summary>What its sources are to be asked.</summary>
    public IEnumerable<(MetricPolicy Metric, PoolId Pool)> Wanted => _looks is null && !IsJudged ? [] :
        from metric in _record.Policy.Metrics
        from pool in Pools.Distinct()
        select (metric, pool);

    public void Follow(DeploymentRecord record)
    {
        _record = record;
        if (record.Phase != DeploymentPhase.Provisioning)
        {
            _looks = null;
        }
    }

    /// <summary>What its metrics look like before it has traffic. Asked for the first time, it begins to look.</summary>
    public SourceCheck Check(DateTimeOffset now) => (_looks ??= new(now)).Result;

    /// <summary>Looks at its metrics, if it was asked to.</summary>
    public void Look(Sightings sightings, DateTimeOffset now) => _looks?.See(_record, sightings, now);

    /// <summary>What was seen since the last tick; null at the first look, when there is nothing to compare with: that is to be kept as a snapshot.</summary>
    public Tick? Next(Glance glance, DateTimeOffset at)
    {
        if (_before is { } before && at > _at)
        {
            return glance.Since(before, _record, at, at - _at);
        }

        (_before, _at) = (_before ?? glance.Beginning(_record), _before is null ? at : _at);
        return null;
    }

    /// <summary>The tick is on record: it is judged.</summary>
    public void Take(Tick tick, int number, Glance glance)
    {
        var judgement = Judge.Fold(JudgePolicies.Of(_record.Policy), _judgement!, tick);
        var isNews = judgement.Verdict.IsNewsAfter(_judged?.Verdict);
        (_judgement, _before, _at, Number, _judged) =
            (judgement, glance.TotalsOf(_record, _before!), tick.At, number, new(judgement, number));
        if (isNews)
        {
            wake();
        }
    }

    /// <summary>Another host has written a tick: what it knows is read before the next one.</summary>
    public void Reload() => IsLoaded = false;

    public Snapshot ToSnapshot() => new(Deployment, Scope, Number, _at, Json.Write(_before), _judgement!.ToJson());

    /// <summary>Goes on where a snapshot and the ticks after it end.</summary>
    public void Load(Snapshot? snapshot, IEnumerable<WrittenTick> ticks, Judgement fresh)
    {
        (_judgement, _before, _at, Number) = snapshot is null
            ? (fresh, null, default, 0)
            : (Judgement.Of(snapshot.State), Json.Read<Dictionary<PoolId, Totals>>(snapshot.Totals), snapshot.At, snapshot.Number);
        foreach (var written in ticks)
        {
            var tick = Tick.Of(written.Tick);
            _judgement = Judge.Fold(JudgePolicies.Of(_record.Policy), _judgement, tick);
            (_before, _at, Number) = (Glance.After(_before ?? new Dictionary<PoolId, Totals>(), _record, tick), written.At, written.Number);
        }

        (_judged, IsLoaded) = (Number == 0 ? null : new(_judgement, Number), true);
    }
}
