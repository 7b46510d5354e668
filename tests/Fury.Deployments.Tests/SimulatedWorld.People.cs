using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;

namespace Fury.Deployments.Tests;

/// <summary>The judge, who changes his mind, and people, who ask for anything at any moment.</summary>
internal sealed partial class SimulatedWorld
{
    /// <summary>Who has waited so long for a person meets one: a migration is held until somebody finalises it.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(10);

    private VerdictKind? _saw;

    public int Commanded { get; private set; }

    public int Taken { get; private set; }

    public Judged? Of(DeploymentRecord record)
    {
        if (record.Cells.Count == 0 || Chance(0.2))
        {
            return null;
        }

        var kind = Chance(0.3) ? VerdictKind.Pass
            : Chance(_chaos / 5) ? VerdictKind.Fail
            : Chance(_chaos / 5) ? VerdictKind.Inconclusive
            : VerdictKind.Insufficient;
        _saw = kind;
        var failing = record.Moving.Where(_ => Chance(0.5)).Select(lane => $"{lane.Location}");
        var verdict = new Verdict(kind, Cause.Undecided, $"It says {kind}.") { Failing = kind == VerdictKind.Fail ? [.. failing] : [] };
        return new(Judgement.Begin() with { Verdict = verdict, Attempt = record.Attempt }, 1);
    }

    public SourceCheck Check(DeploymentRecord record) => SourceCheck.Fine;

    public void Follow(DeploymentRecord record, Action wake)
    {
    }

    public Task<PresentTraffic> CountTraffic(ScopeRef scope, IReadOnlyCollection<PoolId> current, CancellationToken cancellation) =>
        Task.FromResult(new PresentTraffic(_random.Next(2000), _random.NextDouble() / 100, 1 + _random.NextDouble()));

    public void Forget(DeploymentId deployment)
    {
    }

    private void Ask()
    {
        var isForgotten = _record.Phase == DeploymentPhase.Held && _clock.GetUtcNow() - _record.Held!.Since > PatienceMax;
        var command = isForgotten ? (_record.Held!.Cause == HoldCause.Finalise ? Command.Finalise : Command.Abort)
            : Chance(_chaos / 20) ? Command.Abort
            : Chance(0.02) ? (Command?)_random.Next(1, 8)
            : null;
        if (command is null && Chance(Advised.GivenUp(_record) is null ? 0.05 : 0.5))
        {
            Take();
        }

        if (command is not { } asked || _record.Ended)
        {
            return;
        }

        var before = _record;
        var answer = Commands.Of(asked, before, "asked to.", _clock.GetUtcNow());
        if (asked == Command.Abort)
        {
            Assert.True(answer.IsOk, "I6: an abort is legal in every phase that is not terminal.");
        }

        if (answer is { IsOk: true, Value: { } move })
        {
            Commanded++;
            Write(move);
            Assert.True(asked != Command.Hold || _record.Phase == DeploymentPhase.Held);
            Assert.True(asked != Command.Hold || Weights.At(before.Lanes, before.Cells, before.Cell).SequenceEqual(
                Weights.At(_record.Lanes, _record.Cells, _record.Cell)), "A hold leaves the weights as they are.");
        }
    }

    /// <summary>Somebody does what is recommended, whether it is or not.</summary>
    private void Take()
    {
        var sick = _record.Moving.Select(lane => lane.Candidate!).SelectMany(pool => _engine.Describe(pool.Id, default).Result is { IsOk: true } known
            ? known.Value.Replicas.Select(replica => $"{replica.Id}") : []).FirstOrDefault("none");
        RecommendedAction[] known = [RecommendedAction.RaiseFloor, RecommendedAction.LengthenStep, RecommendedAction.ReplaceReplica];
        var numbers = new Dictionary<string, string> { ["replica"] = sick, ["deadlineSecondsThen"] = "900" };
        var advice = new Recommendation(
            RecommendationKind.TakeBack,
            "It would help.",
            numbers,
            _record.Moving.Any(lane => lane.IsBarred) ? RecommendedAction.GiveUp : known[_random.Next(known.Length)]);
        if (Advised.Of(advice, _record, _clock.GetUtcNow()) is { IsOk: true, Value: { } move })
        {
            Taken++;
            Write(move);
        }
    }
}
