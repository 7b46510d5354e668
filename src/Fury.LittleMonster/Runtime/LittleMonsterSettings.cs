namespace Fury.LittleMonster;

/// <summary>Section <c>LittleMonster</c> of the configuration.</summary>
internal sealed class LittleMonsterSettings
{
    /// <summary>How long a host that does not answer keeps its sagas. 1 s to 5 min.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections that write. 1 to 8.</summary>
    public int Lanes { get; set; } = 1;

    /// <summary>Steps that run at the same time on this host; more wait for their turn. 1 to 10,000.</summary>
    public int StepsMax { get; set; } = 256;

    /// <summary>How long a host that stops waits for steps under way before it tells them to end.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    public bool IsValid => Lease >= TimeSpan.FromSeconds(1) && Lease <= TimeSpan.FromMinutes(5) && Lanes is >= 1 and <= 8
        && StepsMax is >= 1 and <= 10_000 && StopGrace >= TimeSpan.Zero;
}
