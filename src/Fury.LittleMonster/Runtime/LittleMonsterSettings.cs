namespace Fury.LittleMonster;

/// <summary>Section <c>LittleMonster</c> of the configuration.</summary>
internal sealed class LittleMonsterSettings
{
    /// <summary>How long a host that does not answer keeps its sagas. 1 s to 5 min.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections that write, the next one only when the one before has much to do. 1 to 8.</summary>
    public int Lanes { get; set; } = 1;

    /// <summary>Steps that run at the same time on this host; more wait for their turn. 1 to 10,000.</summary>
    public int StepsMax { get; set; } = 256;

    /// <summary>How long a host that stops waits for steps under way before it tells them to end.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long ended sagas, journals and the ledger of what is gone are kept. 1 day to 10 years.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often the ledger is compared with the providers. At least a second.</summary>
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Younger than this, nothing at a provider counts as an orphan: it may be on its way into the ledger.</summary>
    public TimeSpan OrphanAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>What the targets of steps take, by target.</summary>
    public Dictionary<string, RateLimitSettings> Limits { get; } = new(StringComparer.Ordinal);

    /// <summary>Null when all is well; else what is wrong, and what would be right.</summary>
    public string? Problem =>
        Lease < TimeSpan.FromSeconds(1) || Lease > TimeSpan.FromMinutes(5) ? $"Lease is {Lease}; it must be 00:00:01 to 00:05:00"
        : Lanes is < 1 or > 8 ? $"Lanes is {Lanes}; it must be 1 to 8"
        : StepsMax is < 1 or > 10_000 ? $"StepsMax is {StepsMax}; it must be 1 to 10000"
        : StopGrace < TimeSpan.Zero ? $"StopGrace is {StopGrace}; it must not be below zero"
        : Retention < TimeSpan.FromDays(1) || Retention > TimeSpan.FromDays(3653) ? $"Retention is {Retention}; it must be 1 to 3653 days"
        : SweepPeriod < TimeSpan.FromSeconds(1) ? $"SweepPeriod is {SweepPeriod}; it must be at least 00:00:01"
        : OrphanAge < TimeSpan.Zero ? $"OrphanAge is {OrphanAge}; it must not be below zero"
        : Limits.FirstOrDefault(limit => !limit.Value.IsValid) is { Key: { } target }
            ? $"Limits:{target} must have PerSecond above 0, and Burst and Concurrent of at least 1"
        : null;
}
