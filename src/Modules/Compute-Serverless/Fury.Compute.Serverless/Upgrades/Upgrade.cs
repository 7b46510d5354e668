using System.Globalization;
using Fury.Compute.Serverless.Clusters;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Serverless.Upgrades;

internal enum UpgradeState
{
    Running,

    /// <summary>Nothing more begins until somebody resumes it.</summary>
    Stopped,

    /// <summary>Every cluster has had its turn.</summary>
    Done,
    Aborted,
}

/// <summary>
/// Control planes of many clusters brought to one version, in waves: the least critical first, in each region one at a time, and no cluster of a shape that was
/// not tried in a less critical one, unless somebody approves it.
/// </summary>
/// <param name="EmptyFirst">Each cluster is emptied before: a control plane never goes back, what runs elsewhere need not.</param>
/// <param name="MaxConcurrent">So many clusters are emptied or moved at once at most.</param>
/// <param name="StopAfter">At so many failures it stops.</param>
/// <param name="Soak">A cluster has been well for so long after it was moved before it counts.</param>
/// <param name="Deadline">For emptying one, and again for its cloud to move it.</param>
internal sealed record Upgrade(
    Guid Id,
    string Name,
    string By,
    MinorVersion Version,
    bool EmptyFirst,
    int MaxConcurrent,
    int StopAfter,
    TimeSpan Soak,
    TimeSpan Deadline,
    DateTimeOffset CreatedAt)
{
    public UpgradeState State { get; init; }

    /// <summary>Why it is as it is, in a sentence or two.</summary>
    public string Why { get; init; } = "";

    /// <summary>In the order of their turns; none in lists.</summary>
    public IReadOnlyList<Target> Targets { get; init; } = [];

    /// <summary>What the shapes that were met are made of.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Shapes { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Shapes that an upgrade before this one has brought to the version.</summary>
    public IReadOnlyList<string> ProvenBefore { get; init; } = [];

    public int Waves { get; init; }

    /// <summary>The index of the wave whose turn it is.</summary>
    public int Wave { get; init; }

    /// <summary>How many targets are in each state.</summary>
    public IReadOnlyDictionary<UpgradeTargetState, int> Counts { get; init; } = new Dictionary<UpgradeTargetState, int>();

    /// <summary>Nothing of it is under way, and nothing begins any more.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

internal enum UpgradeTargetState
{
    Waiting,

    /// <summary>What it runs gets successors elsewhere.</summary>
    Emptying,
    Upgrading,

    /// <summary>It has the version, takes work again, and is watched.</summary>
    Soaking,
    Done,
    Failed,

    /// <summary>It needed none, or somebody did not want it.</summary>
    Skipped,
}

/// <summary>A cluster of an upgrade.</summary>
/// <param name="IsManaged">Its provider moves it; else somebody does by other means when it is its turn, and Fury sees that.</param>
/// <param name="Wave">From 0.</param>
/// <param name="IsCanary">Among the first of all it is the first of its shape: it needs no proof, it is to give one.</param>
internal sealed record Target(string Cluster, string Provider, string Region, Criticality? Criticality, bool IsManaged, int Wave, bool IsCanary)
{
    public UpgradeTargetState State { get; init; }

    /// <summary>Of its control plane, before; null where that was not known yet.</summary>
    public MinorVersion? From { get; init; }

    /// <summary>The name of its shape as of its turn.</summary>
    public string? Shape { get; init; }

    /// <summary>Why it is in its state, or what it waits for.</summary>
    public string? Reason { get; init; }

    /// <summary>What sets it apart from the nearest shape that is proven; null unless that keeps it waiting.</summary>
    public IReadOnlyList<string>? Difference { get; init; }

    /// <summary>Who wants it moved although its shape is not proven.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary>Since when it is in its state; null: it had no turn yet.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Since when something is wrong with it without a break, while it soaks.</summary>
    public DateTimeOffset? TroubleSince { get; init; }

    /// <summary>What its provider calls the move that is under way.</summary>
    public string? Ticket { get; init; }

    /// <summary>It is to be empty.</summary>
    public bool Hold { get; init; }

    /// <summary>The upgrade has set it to drain, and is to set it active again.</summary>
    public bool Held { get; init; }

    /// <summary>The share of requests to its replicas that failed before, 0 to 1; null: too few told.</summary>
    public double? FailedBefore { get; init; }

    public bool IsOver => State is UpgradeTargetState.Done or UpgradeTargetState.Failed or UpgradeTargetState.Skipped;

    /// <summary>It must not be moved while another one of its region is.</summary>
    public bool IsMoving => State is UpgradeTargetState.Emptying or UpgradeTargetState.Upgrading;

    public Target To(UpgradeTargetState state, DateTimeOffset now, string? reason = null) =>
        this with { State = state, Since = now, Reason = reason, TroubleSince = null, Difference = null };
}

/// <summary>A version of control planes without its patch, e.g. 1.34.</summary>
internal readonly record struct MinorVersion(int Major, int Minor) : IComparable<MinorVersion>
{
    public const string Expected = "a major and a minor version such as 1.34";

    private const int LengthMax = 12;

    public static bool TryParse(string? text, out MinorVersion version)
    {
        version = default;
        if (text is not { Length: <= LengthMax } || text.Split('.') is not [var major, var minor])
        {
            return false;
        }

        var isVersion = int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            & int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var second);
        version = new(first, second);
        return isVersion;
    }

    /// <summary>Control planes skip none.</summary>
    public bool IsNextAfter(MinorVersion other) => Major == other.Major && Minor == other.Minor + 1;

    public int CompareTo(MinorVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public override string ToString() => $"{Major}.{Minor}";
}

/// <summary>What a cluster looks like now.</summary>
/// <param name="Phase">Null: it is not registered any more.</param>
/// <param name="Health">Null: nobody knows yet.</param>
/// <param name="Why">Of its health, in one sentence.</param>
/// <param name="Version">Null: it does not say.</param>
/// <param name="Traits">What sets it apart; null: it does not say.</param>
/// <param name="FailedShare">Of the requests to its replicas, 0 to 1; null: too few to tell.</param>
/// <param name="Pools">That have something there.</param>
/// <param name="Wanted">Replicas that are to be there.</param>
/// <param name="Move">Whether its provider's move has ended, and how; null when it was not asked or does not say.</param>
internal sealed record ClusterLook(
    ClusterPhase? Phase,
    HealthPhase? Health,
    string Why,
    MinorVersion? Version,
    IReadOnlyList<string>? Traits,
    double? FailedShare = null,
    int Pools = 0,
    int Wanted = 0,
    int Ready = 0,
    ClusterUpgrade? Move = null);

/// <summary>What is to be done outside for an upgrade. Each is seen in the next look, so it may be done again.</summary>
internal abstract record UpgradeOrder
{
    private UpgradeOrder()
    {
    }

    /// <summary>Set it to drain.</summary>
    public sealed record Drain(string Cluster) : UpgradeOrder;

    /// <summary>Set it active again.</summary>
    public sealed record Fill(string Cluster) : UpgradeOrder;

    /// <summary>Have its provider move it.</summary>
    public sealed record Move(Target Target) : UpgradeOrder;
}
