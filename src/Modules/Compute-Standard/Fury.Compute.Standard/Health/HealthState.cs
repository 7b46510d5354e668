using Fury.Compute.Contracts;
using Fury.Compute.Standard.Pools;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Health;

/// <summary>What is known of a replica by looking at it.</summary>
/// <param name="Runs">Its process runs, so that it makes sense to ask for its health.</param>
/// <param name="Failures">Failed checks in a row.</param>
internal sealed record HealthState(
    ReplicaPhase Phase, bool Runs, string? Address, int Port, int Restarts, string? Reason, bool WasReady, int Failures)
{
    /// <summary>Failed checks in a row after which a ready replica is unready; one success makes it ready.</summary>
    public const int UnhealthyAfter = 3;

    private const string IsStarting = "It is starting.";

    /// <summary>
    /// What was last recorded, before anything is seen. It may be from before the host was started, so the first check that fails is
    /// enough to take the replica out.
    /// </summary>
    public static HealthState Of(Instance instance) => new(
        instance.Phase,
        Runs: false,
        instance.Address,
        instance.Port,
        instance.Restarts,
        instance.Reason,
        instance.WasReady,
        Failures: UnhealthyAfter - 1);

    /// <summary>The provider's word. A process that has ended takes the replica out at once, without waiting for failed checks.</summary>
    public HealthState Seen(ProviderInstance seen)
    {
        var state = this with { Address = seen.Address, Port = seen.Port, Restarts = seen.Restarts };
        var runs = seen.State == ProviderInstanceState.Running;
        if (runs && (seen.Restarts == Restarts || !WasReady))
        {
            return state with { Runs = true, Reason = Phase == ReplicaPhase.Starting ? IsStarting : Reason };
        }

        return state with
        {
            Runs = runs,
            Phase = WasReady ? ReplicaPhase.Unready : ReplicaPhase.Starting,
            Reason = runs ? IsStarting : seen.Reason,
            Failures = 0,
        };
    }

    /// <summary>The answer of a health check; null when it was good, else why it was not.</summary>
    public HealthState Checked(string? whyNot)
    {
        if (whyNot is null)
        {
            return this with { Phase = ReplicaPhase.Ready, Reason = null, WasReady = true, Failures = 0 };
        }

        var failed = this with { Failures = Math.Min(Failures + 1, UnhealthyAfter) };
        return failed.Phase == ReplicaPhase.Ready && failed.Failures < UnhealthyAfter
            ? failed
            : failed with { Phase = WasReady ? ReplicaPhase.Unready : ReplicaPhase.Starting, Reason = whyNot };
    }

    /// <summary>Whether others would see no difference.</summary>
    public bool LooksLike(HealthState other) =>
        (Phase, Address, Port, Restarts, Reason) == (other.Phase, other.Address, other.Port, other.Restarts, other.Reason);
}

/// <summary>How often health is asked for.</summary>
internal static class Cadence
{
    /// <summary>While a change is near: it has just started, or has just failed a check.</summary>
    public static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(25);

    /// <summary>Where instances are many and take minutes to start.</summary>
    private const int SharedFactor = 5;

    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(1);

    /// <summary>After a while of waiting the change is not that near.</summary>
    private static readonly TimeSpan Patient = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan FastFor = TimeSpan.FromSeconds(10);

    /// <param name="inPhase">For how long it has been in its phase.</param>
    /// <param name="isShared">It is a cloud's, and none of this machine.</param>
    public static TimeSpan After(HealthState state, TimeSpan inPhase, bool isShared)
    {
        var pause = state switch
        {
            { Runs: false } => Steady,
            { Phase: ReplicaPhase.Ready, Failures: 0 } => Steady,
            { Phase: ReplicaPhase.Ready } => Patient,
            _ => inPhase < FastFor ? Fast : Patient,
        };
        return isShared ? pause * SharedFactor : pause;
    }
}
