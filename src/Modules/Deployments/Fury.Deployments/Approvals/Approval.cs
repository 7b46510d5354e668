using Fury.Deployments.Gates;
using Fury.Kernel;

namespace Fury.Deployments.Approvals;

/// <summary>How many approvals a deployment needs.</summary>
/// <param name="ToBegin">Before it begins, 0 to 10.</param>
/// <param name="ToFinalise">Given while it is on its way, before it is finalised, 0 to 10.</param>
internal readonly record struct Needed(int ToBegin, int ToFinalise)
{
    public int At(Checkpoint gate) => gate switch
    {
        Checkpoint.Begin => ToBegin,
        Checkpoint.Finalise => ToFinalise,
        _ => 0,
    };
}

/// <summary>The organisation's: what deployments need by the criticality of their scopes.</summary>
internal sealed record ApprovalPolicy(IReadOnlyDictionary<Criticality, Needed> ByCriticality)
{
    public Needed Of(Criticality criticality) => ByCriticality.GetValueOrDefault(criticality);
}

/// <summary>What a person has said of a deployment.</summary>
/// <param name="Gate">What it was said for: <see cref="Checkpoint.Begin"/> before it began, <see cref="Checkpoint.Finalise"/> after that.</param>
internal sealed record Approval(Checkpoint Gate, string By, bool Approves, string? Comment, DateTimeOffset At);

/// <param name="RejectedBy">With what they said; null when nobody has rejected it.</param>
internal sealed record ApprovalStanding(int Needed, int Given, string? RejectedBy)
{
    public bool IsGranted => RejectedBy is null && Given >= Needed;
}

internal static class ApprovalRules
{
    /// <summary>
    /// One rejection is enough. A person counts once, and who asked for the deployment does not count; where that is not known one approval more is needed,
    /// since one of them may be theirs.
    /// </summary>
    public static ApprovalStanding At(Checkpoint gate, int needed, string? askedBy, IReadOnlyList<Approval> approvals)
    {
        var given = approvals
            .Where(one => one.Gate == gate && one.Approves && !Reading.IsSame(one.By, askedBy))
            .DistinctBy(one => one.By, StringComparer.OrdinalIgnoreCase)
            .Count();
        var rejected = approvals.FirstOrDefault(one => !one.Approves);
        return new(
            needed > 0 && askedBy is null ? needed + 1 : needed,
            given,
            rejected is null ? null : $"{rejected.By}{(rejected.Comment is null ? "" : $": {rejected.Comment}")}");
    }
}
