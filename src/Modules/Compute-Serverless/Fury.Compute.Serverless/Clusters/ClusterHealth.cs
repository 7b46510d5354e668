using Fury.Compute.Contracts;

namespace Fury.Compute.Serverless.Clusters;

/// <summary>What may be done with a cluster.</summary>
internal enum HealthPhase
{
    /// <summary>Gets new work.</summary>
    Healthy,

    /// <summary>Something is wrong, or nothing is known: nothing new, and nothing is taken away.</summary>
    Suspect,

    /// <summary>Its control plane is lost and its replicas serve: nothing new, and above all no eviction.</summary>
    Frozen,

    /// <summary>Neither answers: what it ran is to be run elsewhere.</summary>
    Dead,
}

/// <summary>One look at the cluster's control plane.</summary>
/// <param name="From">The vantage point; several from one place say no more than one.</param>
/// <param name="Trouble">What keeps that place from hearing of the cluster, in words for people; nothing is decided by it. Null when nothing does.</param>
internal sealed record Probe(string From, DateTimeOffset At, bool Answered, string? Trouble = null);

/// <summary>What requests to the cluster's replicas say, as <see cref="LocationSeen"/> counts it.</summary>
internal sealed record DataPlane(DateTimeOffset At, long Requests, long Failed);

/// <summary>All that is known at one moment.</summary>
/// <param name="LeaseRenewedAt">When the one that watches the cluster last heard from it; null when it never did.</param>
/// <param name="DataPlane">Null when nobody has reported.</param>
internal sealed record HealthEvidence(DateTimeOffset? LeaseRenewedAt, IReadOnlyList<Probe> Probes, DataPlane? DataPlane);

/// <summary>
/// The health of a cluster as a pure state machine. Three witnesses are heard, and no one of them can condemn a cluster alone: the lease, probes
/// from at least two places, and the requests that its replicas serve. Where only one host runs, its callers are the second place: they are
/// elsewhere, so requests that tell something stand for the probe that is missing.
/// </summary>
/// <param name="Since">When this phase began.</param>
/// <param name="LostSince">Since when the control plane has been lost without a break; null while it is not.</param>
/// <param name="WellSince">Since when all has been well without a break; null while it is not.</param>
/// <param name="Penalty">For having fallen ill, as of <paramref name="PenaltyAt"/>; it halves with time.</param>
/// <param name="Why">In one sentence.</param>
internal sealed record ClusterHealth(
    HealthPhase Phase,
    DateTimeOffset Since,
    DateTimeOffset? LostSince,
    DateTimeOffset? WellSince,
    double Penalty,
    DateTimeOffset PenaltyAt,
    string Why)
{
    public const int VantagePointsMin = 2;

    /// <summary>Fewer requests say nothing.</summary>
    public const int RequestsMin = 20;

    public static readonly TimeSpan LeaseMax = TimeSpan.FromSeconds(40);
    public static readonly TimeSpan ProbeMax = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan DataPlaneWindow = IDataPlane.Window;

    /// <summary>Lost for so long with a data plane that fails, it is dead.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(60);

    /// <summary>And for so long when there are no requests that could tell.</summary>
    public static readonly TimeSpan DeadAfterSilence = TimeSpan.FromMinutes(10);

    /// <summary>Well for so long, it is healthy again; doubled by each point of the penalty.</summary>
    public static readonly TimeSpan RecoverAfter = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan RecoverAfterMax = TimeSpan.FromHours(1);

    /// <summary>Each fall costs a point.</summary>
    public static readonly TimeSpan PenaltyHalfLife = TimeSpan.FromMinutes(15);

    private const double FailingShare = 0.5;
    private const double WellShare = 0.1;

    private enum Verdict
    {
        Unknown,
        Well,
        Lost,
    }

    /// <summary>A cluster that was just registered has to prove itself first.</summary>
    public static ClusterHealth New(DateTimeOffset now) => new(HealthPhase.Suspect, now, null, null, 0, now, "It was not seen yet.");

    public ClusterHealth Next(HealthEvidence evidence, DateTimeOffset now)
    {
        var data = Data(evidence.DataPlane, now);
        var control = Control(evidence, data, now);
        var trouble = Trouble(evidence, now);
        var seen = this with
        {
            LostSince = control == Verdict.Lost ? LostSince ?? now : null,
            WellSince = control == Verdict.Well && data != Verdict.Lost ? WellSince ?? now : null,
        };
        return (control, data) switch
        {
            (Verdict.Well, Verdict.Lost) => seen.To(HealthPhase.Suspect, "Its control plane answers, and requests to its replicas fail.", now),
            (Verdict.Well, _) => seen.Recover(trouble, now),
            (Verdict.Lost, Verdict.Well) => seen.To(HealthPhase.Frozen, $"Its control plane is lost and its replicas serve.{trouble}", now),
            // The last that was heard of a dead cluster is that it is dead.
            _ when Phase == HealthPhase.Dead => seen,
            (Verdict.Lost, Verdict.Lost) when now - seen.LostSince >= DeadAfter =>
                seen.To(HealthPhase.Dead, "Its control plane is lost, and requests to its replicas fail.", now),
            (Verdict.Lost, Verdict.Unknown) when now - seen.LostSince >= DeadAfterSilence =>
                seen.To(HealthPhase.Dead, "Its control plane is lost, and for long nobody has reached its replicas.", now),
            (Verdict.Lost, Verdict.Unknown) when Phase == HealthPhase.Frozen => seen,
            (Verdict.Lost, _) => seen.To(HealthPhase.Suspect, $"Its control plane is lost.{trouble}", now),
            _ => seen.To(HealthPhase.Suspect, $"It is not known whether its control plane answers.{trouble}", now),
        };
    }

    /// <summary>How long it must be well before it is healthy again.</summary>
    public TimeSpan RecoveryTime(DateTimeOffset now) =>
        TimeSpan.FromTicks((long)Math.Min(RecoverAfterMax.Ticks, RecoverAfter.Ticks * Math.Pow(2, Math.Min(PenaltyNow(now), 30))));

    private double PenaltyNow(DateTimeOffset now) => Penalty * Math.Pow(2, -Math.Max(0, (now - PenaltyAt) / PenaltyHalfLife));

    private ClusterHealth Recover(string trouble, DateTimeOffset now) =>
        Phase == HealthPhase.Healthy || now - WellSince >= RecoveryTime(now)
            ? To(HealthPhase.Healthy, trouble.Length == 0 ? "All is well." : $"It answers.{trouble}", now)
        : To(HealthPhase.Suspect, "It is well again, and not yet for long enough.", now);

    private ClusterHealth To(HealthPhase phase, string why, DateTimeOffset now)
    {
        if (phase == Phase)
        {
            return this with { Why = why };
        }

        var falls = Phase == HealthPhase.Healthy;
        return this with
        {
            Phase = phase,
            Since = now,
            Penalty = falls ? PenaltyNow(now) + 1 : Penalty,
            PenaltyAt = falls ? now : PenaltyAt,
            Why = why,
        };
    }

    /// <summary>Lost only when the lease and every place that looks say so; well when the lease and most of them say so.</summary>
    private static Verdict Control(HealthEvidence evidence, Verdict data, DateTimeOffset now)
    {
        var held = evidence.LeaseRenewedAt is { } renewed && now - renewed <= LeaseMax;
        var places = evidence.Probes
            .Where(probe => now - probe.At <= ProbeMax)
            .GroupBy(probe => probe.From)
            .Select(place => place.MaxBy(probe => probe.At)!.Answered)
            .ToList();
        var answered = places.Count(answers => answers);
        var vantagePoints = places.Count + (data == Verdict.Unknown ? 0 : 1);
        return held && answered * 2 >= places.Count ? Verdict.Well
            : !held && places.Count > 0 && vantagePoints >= VantagePointsMin && answered == 0 ? Verdict.Lost
            : Verdict.Unknown;
    }

    /// <summary>The newest that a place has told, to be put behind a sentence; empty when none has any.</summary>
    private static string Trouble(HealthEvidence evidence, DateTimeOffset now) =>
        evidence.Probes.Where(probe => probe.Trouble is not null && now - probe.At <= ProbeMax).MaxBy(probe => probe.At) is { } last ? $" {last.Trouble}" : "";

    private static Verdict Data(DataPlane? seen, DateTimeOffset now) =>
        seen is null || now - seen.At > DataPlaneWindow || seen.Requests < RequestsMin ? Verdict.Unknown
        : seen.Failed >= seen.Requests * FailingShare ? Verdict.Lost
        : seen.Failed <= seen.Requests * WellShare ? Verdict.Well
        : Verdict.Unknown;
}
