namespace Fury.Agent.Wire;

/// <summary>Where the application inside of an instance is in its life.</summary>
public enum AgentPhase
{
    /// <summary>Its artifact is being brought.</summary>
    Fetching,

    /// <summary>Its artifact is here and is being compared with its digest.</summary>
    Verifying,
    Starting,

    /// <summary>Its process runs and has not been healthy yet.</summary>
    Running,
    Healthy,

    /// <summary>It was healthy and is not any more.</summary>
    Unhealthy,

    /// <summary>Its process has ended by itself and is started again after a pause that grows.</summary>
    Crashed,
    Stopping,

    /// <summary>It was told to end, and has.</summary>
    Stopped,

    /// <summary>It will never run here; the reason says why.</summary>
    Failed,
}

/// <summary>What a cloud says it will do to the instance.</summary>
public enum NoticeKind
{
    /// <summary>It takes the instance away.</summary>
    Interruption,

    /// <summary>The instance is more likely than others to be taken away soon.</summary>
    Rebalance,

    /// <summary>It works on the machine below, and ends the instance for it.</summary>
    Maintenance,
}

/// <summary>A notice of a cloud.</summary>
/// <param name="LossAt">When the instance is lost; null where the cloud does not say.</param>
public sealed record LossNotice(NoticeKind Kind, DateTimeOffset? LossAt);

/// <summary>What the application uses of its machine, its process with all of its children.</summary>
/// <param name="CpuSeconds">Since its process began.</param>
/// <param name="MemoryBytes">Resident now. What processes share counts for each.</param>
/// <param name="OutOfMemoryKills">Processes that the kernel has ended for want of memory since the agent began.</param>
public sealed record AgentUsage(double CpuSeconds, long MemoryBytes, int OutOfMemoryKills);

/// <summary>What an agent says of its application.</summary>
/// <param name="Reason">Why it is not healthy, in one sentence; null where there is nothing to say.</param>
/// <param name="Restarts">How often its process ended by itself and was started again.</param>
public sealed record AgentStatus(AgentPhase Phase, string? Reason, int Restarts, LossNotice? Notice);

/// <summary>What an agent tells the platform. Of several of one instance the newest counts: the greatest boot, and in it the greatest sequence.</summary>
/// <param name="Lot">Which instances were asked for together; its secret signs this.</param>
/// <param name="ProviderId">The cloud's own name for the instance.</param>
/// <param name="Boot">A UUIDv7 for each start of the agent.</param>
/// <param name="Sequence">From 1, grows with each report of a boot.</param>
public sealed record AgentReport(
    string Lot, string ProviderId, Guid Boot, long Sequence, DateTimeOffset At, AgentStatus Status, AgentUsage? Usage)
{
    public const int ReasonLengthMax = 1000;

    public const int VersionLengthMax = 64;

    /// <summary>Of the agent itself, <see cref="IsVersion"/>; null: it is so old that it does not say.</summary>
    public string? AgentVersion { get; init; }

    /// <summary>Whether it is 1 to <see cref="VersionLengthMax"/> visible ASCII characters.</summary>
    public static bool IsVersion(string text) => text.Length is >= 1 and <= VersionLengthMax && text.All(letter => letter is > ' ' and < '\x7f');
}
