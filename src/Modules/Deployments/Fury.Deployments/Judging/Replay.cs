using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>
/// Folds recorded ticks again, one by one, remembers when the verdict changed, and compares it with what events hold. As much memory for a week as for
/// a minute.
/// </summary>
/// <param name="begin">What the judge knew before the first tick.</param>
internal sealed class Replay(JudgePolicy policy, Judgement begin)
{
    /// <summary>The last changes of the verdict that are kept, and the first differences.</summary>
    public const int ChangesMax = 100;

    private readonly Queue<JudgementStatus> _history = [];
    private readonly List<ReplayDifference> _differences = [];
    private Judged? _judged;
    private DateTimeOffset _from;
    private int _changes;
    private int _compared;

    /// <summary>The number of the last tick.</summary>
    public int Tick => _judged?.Tick ?? 0;

    /// <summary>The next tick.</summary>
    public void Fold(WrittenTick written)
    {
        var before = _judged;
        _judged = new(Judge.Fold(policy, before?.Judgement ?? begin, Judging.Tick.Of(written.Tick)), written.Number);
        _from = before is null ? _judged.Judgement.At!.Value : _from;
        if (!_judged.Verdict.IsNewsAfter(before?.Verdict))
        {
            return;
        }

        _changes++;
        _history.Enqueue(_judged.ToStatus(policy));
        if (_history.Count > ChangesMax)
        {
            _history.Dequeue();
        }
    }

    /// <summary>Compares the verdict after this tick with the one that an event was written with.</summary>
    public void Compare(DeploymentEvent recorded)
    {
        _compared++;
        var differs = _judged!.Facts(policy)
            .Where(fact => recorded.Data.GetValueOrDefault(fact.Key) != fact.Value)
            .Select(fact => new ReplayDifference(recorded.Number, Tick, fact.Key, recorded.Data.GetValueOrDefault(fact.Key, "nothing"), fact.Value))
            .FirstOrDefault();
        if (differs is not null && _differences.Count < ChangesMax)
        {
            _differences.Add(differs);
        }
    }

    /// <summary>What came of it; a bug to ask for before the first tick.</summary>
    public JudgementReplay Result(DeploymentId deployment) => new(
        deployment,
        Tick,
        _from,
        _judged!.Judgement.At!.Value,
        _changes,
        [.. _history],
        _compared,
        _compared == 0 ? null : _differences.Count == 0,
        _differences);
}
