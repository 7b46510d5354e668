using System.Diagnostics.Metrics;

namespace Fury.LittleMonster;

internal static class Telemetry
{
    private static readonly Meter Meter = new("Fury.LittleMonster");
    private static readonly Counter<long> Flushes = Meter.CreateCounter<long>("lm.flushes", "{commit}", "Commits of lanes.");
    private static readonly Counter<long> Started = Meter.CreateCounter<long>("lm.sagas.started", "{saga}");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("lm.sagas.ended", "{saga}", "By outcome; stuck ones too.");
    private static readonly Counter<long> Losses = Meter.CreateCounter<long>(
        "lm.lease.losses", "{loss}", "Times this host could no longer rely on its lease.");
    private static readonly Histogram<double> Steps = Meter.CreateHistogram<double>(
        "lm.step.duration", "s", "One call of a step, by saga, step and answer.");

    public static void Flushed(IReadOnlyList<CommitItem> batch)
    {
        Flushes.Add(1);
        Started.Add(batch.Count(item => item.Start is not null));
    }

    public static void SagaEnded(SagaRecord saga) => Ended.Add(1, new("saga", saga.Name), new("outcome", saga.State.ToString()));

    public static void LeaseLost() => Losses.Add(1);

    public static void StepCalled(SagaRecord saga, string step, string answer, TimeSpan took) =>
        Steps.Record(took.TotalSeconds, new("saga", saga.Name), new("step", step), new("answer", answer));
}
