using Fury.Kernel;

namespace Fury.Deployments.Contracts;

/// <summary>What the judge says of a deployment after a tick.</summary>
/// <param name="Tick">The number of the tick, 1 for the first one.</param>
/// <param name="At">The end of the tick.</param>
/// <param name="Verdict"><c>pass</c>, <c>fail</c>, <c>insufficient</c> or <c>inconclusive</c>.</param>
/// <param name="Cause">Why, in one word.</param>
/// <param name="Sentence">Why, in one sentence with the numbers.</param>
/// <param name="Facts">Every count, evidence and threshold behind it.</param>
public sealed record JudgementStatus(
    int Tick, DateTimeOffset At, string Verdict, string Cause, string Sentence, IReadOnlyDictionary<string, string> Facts);

/// <summary>What the judge makes of the recorded ticks of a deployment when it is asked again.</summary>
/// <param name="Ticks">How many there are, all of them judged.</param>
/// <param name="From">The end of the first.</param>
/// <param name="To">The end of the last.</param>
/// <param name="Changes">How often the verdict changed.</param>
/// <param name="History">What it was each time, oldest first; of many, the last.</param>
/// <param name="Compared">How many verdicts the deployment's events hold that can be compared.</param>
/// <param name="Identical">Each came out again, with its sentence and to the last number; null when there was none.</param>
/// <param name="Differences">Where it did not, one for each such event, oldest first; of many, the first.</param>
public sealed record JudgementReplay(
    DeploymentId Deployment,
    int Ticks,
    DateTimeOffset From,
    DateTimeOffset To,
    int Changes,
    IReadOnlyList<JudgementStatus> History,
    int Compared,
    bool? Identical,
    IReadOnlyList<ReplayDifference> Differences);

/// <summary>A verdict that did not come out again as an event holds it.</summary>
/// <param name="Event">The number of the event.</param>
/// <param name="Fact">The first that is another: the verdict itself, then its cause and its sentence, then the numbers.</param>
public sealed record ReplayDifference(long Event, int Tick, string Fact, string Recorded, string Replayed);
