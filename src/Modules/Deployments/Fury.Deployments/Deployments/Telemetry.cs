using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>
/// The numbers of this module, exposed at <c>/metrics</c>, and one trace per deployment. The trace's number is the deployment's id: it is found without a
/// search, and what several hosts did stands together.
/// </summary>
internal static class Telemetry
{
    private const string Name = "Fury.Deployments";

    private static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Started = Meter.CreateCounter<long>(
        "fury_deployments_started", description: "Deployments that were admitted.");

    private static readonly Counter<long> EndedCount = Meter.CreateCounter<long>(
        "fury_deployments_ended", description: "Deployments that have ended, by outcome.");

    private static readonly Histogram<double> PhaseSeconds = Meter.CreateHistogram<double>(
        "fury_deployments_phase_seconds", "s", "How long deployments stay in a phase.");

    private static readonly Histogram<double> TickLag = Meter.CreateHistogram<double>(
        "fury_judge_tick_lag_seconds", "s", "How much later than it was due a tick of the judge was judged.");

    private static readonly Counter<long> Sleeps = Meter.CreateCounter<long>(
        "fury_scopes_slept", description: "How often a scope fell asleep.");

    private static readonly Counter<long> Wakes = Meter.CreateCounter<long>(
        "fury_scopes_woken", description: "How often a request woke a scope.");

    public static void FellAsleep() => Sleeps.Add(1);

    public static void Woke() => Wakes.Add(1);

    public static void Judged(TimeSpan late) => TickLag.Record(Math.Max(0, late.TotalSeconds));

    public static void Admitted(DeploymentRecord record) => Started.Add(1, Tag("strategy", record.Strategy));

    public static void Advanced(DeploymentRecord before, DeploymentRecord next)
    {
        if (next.Phase == before.Phase)
        {
            return;
        }

        using var phase = Span(before, $"phase {Word.Of(before.Phase)}", before.PhaseSince);
        phase?.SetTag("fury.next", Word.Of(next.Phase)).SetEndTime(next.PhaseSince.UtcDateTime);
        PhaseSeconds.Record((next.PhaseSince - before.PhaseSince).TotalSeconds, Tag("phase", before.Phase));
        if (next.Ended)
        {
            EndedCount.Add(1, Tag("strategy", next.Strategy), Tag("outcome", next.Phase));
        }
    }

    /// <summary>Something that is done to the world for it; what follows from that, on whichever host, stands below it. Null when nobody listens.</summary>
    public static Activity? Doing(DeploymentRecord record, string what) => Span(record, what, default);

    private static Activity? Span(DeploymentRecord record, string name, DateTimeOffset since)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        Span<byte> id = stackalloc byte[16];
        record.Id.Value.TryWriteBytes(id, bigEndian: true, out _);
        var root = new ActivityContext(
            ActivityTraceId.CreateFromBytes(id), ActivitySpanId.CreateFromBytes(id[8..]), ActivityTraceFlags.Recorded, isRemote: true);
        return Source.StartActivity(name, ActivityKind.Internal, root, startTime: since)
            ?.SetTag("fury.deployment", record.Id.ToString()).SetTag("fury.scope", record.Scope.ToString());
    }

    private static KeyValuePair<string, object?> Tag<T>(string name, T value)
        where T : struct, Enum =>
        new(name, Word.Of(value));
}
