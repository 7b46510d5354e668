namespace Fury.Benchmarks.Day;

/// <summary>What is the matter with a release, or with the world while it is deployed.</summary>
internal enum Kind
{
    Good,

    /// <summary>Good, and the first replica's machine fails half of its requests.</summary>
    SickMachine,

    /// <summary>Good, and a dependency fails for two minutes: both sides have a third of their requests fail.</summary>
    Incident,

    AllFail,
    TenTimesTheErrors,
    ThreeTimesTheErrors,
    ThreeTimesSlower,

    /// <summary>Twenty times the errors once it has served for ten minutes.</summary>
    Late,

    /// <summary>Each replica crashes every minute.</summary>
    Crashes,

    /// <summary>As before, every ten minutes.</summary>
    Leaks,
    NeverReady,
}

/// <summary>What a kind does to what a pool meets.</summary>
internal static class Kinds
{
    private static readonly TimeSpan LateBy = TimeSpan.FromMinutes(10);
    private static readonly (TimeSpan From, TimeSpan To) Incident = (TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(5));

    public static bool IsBad(this Kind kind) => kind >= Kind.AllFail;

    /// <summary>The share of requests that fail.</summary>
    /// <param name="served">How long the candidate has had traffic.</param>
    public static double Errors(this Kind kind, double usual, bool ofCandidate, bool ofSickMachine, TimeSpan served) => kind switch
    {
        Kind.Incident when served >= Incident.From && served < Incident.To => 0.33,
        _ when !ofCandidate => usual,
        Kind.SickMachine when ofSickMachine => 0.5,
        Kind.AllFail => 1,
        Kind.TenTimesTheErrors => usual * 10,
        Kind.ThreeTimesTheErrors => usual * 3,
        Kind.Late when served >= LateBy => Math.Min(1, usual * 20),
        _ => usual,
    };

    /// <summary>Between two crashes of a replica; null where it does not crash.</summary>
    public static TimeSpan? CrashesEvery(this Kind kind) => kind switch
    {
        Kind.Crashes => TimeSpan.FromMinutes(1),
        Kind.Leaks => TimeSpan.FromMinutes(10),
        _ => null,
    };
}
