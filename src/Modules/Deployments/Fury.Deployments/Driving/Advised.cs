using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Driving;

/// <summary>Recommendation + record → the next state, or why not, beside what <see cref="Commands"/> can do. Pure.</summary>
internal static class Advised
{
    /// <summary>Capacity is raised by half, and by one replica at least.</summary>
    private const double More = 1.5;

    private const int DeadlineMaxSeconds = 604_800;

    public static Outcome<Move.Go?> Of(Recommendation recommendation, DeploymentRecord record, DateTimeOffset now)
    {
        var (reason, message) = ($"as recommended ({Word.Of(recommendation.Kind)}).", $"As recommended: {recommendation.Sentence}");
        return recommendation.Action switch
        {
            RecommendedAction.Promote => Commands.Of(Command.Promote, record, reason, now),
            RecommendedAction.Abort => Commands.Of(Command.Abort, record, reason, now),
            _ when record is not { Phase: DeploymentPhase.Held, Held.Cause: HoldCause.Verdict } =>
                Fault.Conflict($"It can be taken of a deployment that is held by a verdict, and this one is {Word.Of(record.Phase)}.")
                    .With("phase", Word.Of(record.Phase)),
            RecommendedAction.RaiseFloor when Raised(record) is { } raised => Again(raised),
            RecommendedAction.GiveUp when GivenUp(record) is { } left => Again(left),
            RecommendedAction.ReplaceReplica when InstanceId.TryParse(recommendation.Numbers["replica"], out var sick) =>
                Again(record with { Replaced = [.. record.Replaced, sick] }),
            RecommendedAction.LengthenStep => Longer(),
            _ => Fault.Conflict($"Fury cannot do that by itself. {recommendation.Sentence}"),
        };

        Move.Go Again(DeploymentRecord next) => Forward.ToProvisioning(Commands.Weighed(next), record.Cell, now, message);

        // Its weights are those of the step already, so that nothing is begun again and what was seen counts.
        Move.Go Longer()
        {
            var cell = record.Now with { DeadlineSeconds = int.Parse(recommendation.Numbers["deadlineSecondsThen"]) };
            var cells = record.Cells.Select((one, index) => index == record.Cell ? cell : one);
            return Machine.To(
                record with { Held = null, Cells = [.. cells] }, DeploymentPhase.Judging, TimeSpan.FromSeconds(cell.DeadlineSeconds), now, message);
        }
    }

    /// <summary>With half as many replicas of the candidates again, from this step on; null where no pool may be larger.</summary>
    public static DeploymentRecord? Raised(DeploymentRecord record)
    {
        var lanes = record.Lanes.Select((lane, index) =>
        {
            var needed = Forward.Needed(record, index);
            var size = lane.Candidate is { } pool ? Math.Min(pool.Ceiling, (int)Math.Ceiling(More * pool.Replicas)) : 0;
            var then = Math.Min(size, Math.Max(needed + 1, (int)Math.Ceiling(More * needed)));
            return needed > 0 && then > needed ? lane with { AtLeast = then, Candidate = lane.Candidate!.Of(Math.Max(size, lane.Candidate.Replicas)) } : lane;
        }).ToList();
        return lanes.SequenceEqual(record.Lanes) ? null : record with { Lanes = lanes };
    }

    /// <summary>A step that has twice the time that it is expected to need.</summary>
    public static Cell Lengthened(Cell cell, double neededSeconds) =>
        cell with { DeadlineSeconds = (int)Math.Min(DeadlineMaxSeconds, Math.Max(2.0 * cell.DeadlineSeconds, Math.Ceiling(2 * neededSeconds))) };

    /// <summary>
    /// Where the candidate has failed, what serves there stays, and the candidate's pool is taken down after the end. Null where it would be nowhere then.
    /// </summary>
    public static DeploymentRecord? GivenUp(DeploymentRecord record) =>
        !record.Moving.Any(lane => lane.IsBarred) || record.Moving.All(lane => lane.IsBarred) ? null : record with
        {
            Lanes = [.. record.Lanes.Select(lane => lane.IsBarred ? lane with { Candidate = null, IsBarred = false } : lane)],
            GivenUp = [.. record.GivenUp, .. record.Moving.Where(lane => lane.IsBarred).Select(lane => lane.Candidate!)],
        };
}
