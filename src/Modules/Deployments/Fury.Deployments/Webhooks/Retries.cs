namespace Fury.Deployments.Webhooks;

/// <summary>When a delivery that has failed is tried again. Pure.</summary>
internal static class Retries
{
    /// <summary>They take some two and a half hours.</summary>
    public const int AttemptsMax = 16;

    public static readonly TimeSpan AgeMax = TimeSpan.FromHours(24);

    private static readonly TimeSpan PauseFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(30);

    /// <summary>How long to wait after so many attempts, doubling; null: it is given up.</summary>
    public static TimeSpan? After(int attempts, TimeSpan age)
    {
        var pause = PauseFirst * Math.Pow(2, attempts - 1);
        return attempts >= AttemptsMax || age >= AgeMax ? null : pause < PauseMax ? pause : PauseMax;
    }
}
