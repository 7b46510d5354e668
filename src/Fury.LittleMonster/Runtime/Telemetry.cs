using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Fury.LittleMonster;

/// <summary>Metrics, and one trace per saga: its start is the root, and each call of a step a span of it, on whichever host.</summary>
internal static class Telemetry
{
    public const string Name = "Fury.LittleMonster";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Flushes = Meter.CreateCounter<long>("lm.flushes", "{commit}", "Commits of lanes.");
    private static readonly Counter<long> Started = Meter.CreateCounter<long>("lm.sagas.started", "{saga}", "Sagas that were started through this host.");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("lm.sagas.ended", "{saga}", "By outcome; stuck ones too.");
    private static readonly Counter<long> Losses = Meter.CreateCounter<long>(
        "lm.lease.losses", "{loss}", "Times this host could no longer rely on its lease.");
    private static readonly Counter<long> Retries = Meter.CreateCounter<long>("lm.step.retries", "{call}", "Calls after the first, of steps and undos.");
    private static readonly Counter<long> GivenUp = Meter.CreateCounter<long>(
        "lm.step.given_up", "{call}", "Calls that did not end when they were told to.");
    private static readonly Histogram<double> Steps = Meter.CreateHistogram<double>(
        "lm.step.duration", "s", "One call of a step or of its undo, by saga, step, direction and answer.");
    private static readonly Histogram<double> Polls = Meter.CreateHistogram<double>("lm.poll_batch.duration", "s", "One call for many polls, by target.");
    private static readonly Histogram<int> PollSizes = Meter.CreateHistogram<int>("lm.poll_batch.size", "{saga}", "Polls of one call, by target.");
    private static readonly Counter<long> Orphans = Meter.CreateCounter<long>("lm.ledger.orphans", "{resource}", "Resources without a saga, by provider.");

    private static readonly ConcurrentDictionary<MonsterHost, bool> Shown = [];

    static Telemetry()
    {
        Meter.CreateObservableGauge(
            "lm.sagas.live",
            () => Each().SelectMany(figures => figures.ByState)
                .GroupBy(state => state.Key, state => state.Value)
                .Select(state => new Measurement<int>(state.Sum(), new KeyValuePair<string, object?>("state", state.Key.Word()))),
            "{saga}",
            "Sagas that this host has in hand, by state.");
        Meter.CreateObservableGauge("lm.queue.depth", () => Each().Sum(figures => figures.Ready), "{step}", "Steps that are ready and wait for room.");
        Meter.CreateObservableGauge(
            "lm.queue.oldest", () => Each().Select(figures => figures.OldestReady.TotalSeconds).DefaultIfEmpty().Max(), "s", "Age of the oldest ready step.");
        Meter.CreateObservableGauge("lm.steps.running", () => Each().Sum(figures => figures.Running), "{call}", "Calls of steps that are under way.");
        Meter.CreateObservableGauge("lm.shards.owned", () => Each().Sum(figures => figures.Shards), "{shard}", "Of the 256 shards, those that this host owns.");
        Meter.CreateObservableGauge(
            "lm.inbox.taken", () => Each().Sum(figures => figures.InboxTaken), "{request}", "Requests that are being carried out, or wait for their saga.");
    }

    /// <summary>The gauges show this host too, until <see cref="Hide"/>.</summary>
    public static void Show(MonsterHost host) => Shown[host] = true;

    public static void Hide(MonsterHost host) => Shown.TryRemove(host, out _);

    /// <summary>The root of a saga's trace, or its place in its parent's. Null when nobody listens.</summary>
    public static Activity? Starting(SagaDefinition definition, string? parent) =>
        Source.StartActivity($"saga {definition.Name}", ActivityKind.Producer, parent ?? Activity.Current?.Id);

    public static Activity? Calling(SagaRecord saga, StepDefinition step, Move.Call call)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Source.StartActivity($"{(call.Undo ? "undo" : "step")} {step.Name}", ActivityKind.Consumer, saga.Trace);
        activity?.SetTag("lm.saga", saga.Id.ToString());
        activity?.SetTag("lm.name", saga.Name);
        activity?.SetTag("lm.attempt", call.Attempt);
        return activity;
    }

    /// <param name="late">Starts that came too late for their key.</param>
    public static void Flushed(IReadOnlyList<CommitItem> batch, int late)
    {
        Flushes.Add(1);
        if (Started.Enabled)
        {
            Started.Add(batch.Count(item => item.Start is not null) - late);
        }
    }

    public static void SagaEnded(SagaRecord saga)
    {
        if (Ended.Enabled)
        {
            Ended.Add(1, new("saga", saga.Name), new("outcome", saga.State.Word()));
        }
    }

    public static void LeaseLost() => Losses.Add(1);

    public static void StepGivenUp(SagaRecord saga, string step) => GivenUp.Add(1, new("saga", saga.Name), new("step", step));

    public static void StepCalled(Activity? activity, SagaRecord saga, StepDefinition step, Move.Call call, SagaEvent answer, TimeSpan took)
    {
        activity?.SetTag("lm.answer", Word(answer));
        if (Steps.Enabled)
        {
            Steps.Record(
                took.TotalSeconds,
                new("saga", saga.Name),
                new("step", step.Name),
                new("direction", call.Undo ? "undo" : "do"),
                new("answer", Word(answer)));
        }

        // To ask again is what a poll is for.
        if (call.Attempt > 1 && (call.Undo || !step.IsPoll) && Retries.Enabled)
        {
            Retries.Add(1, new("saga", saga.Name), new("step", step.Name));
        }
    }

    private static string Word(SagaEvent answer) => answer switch
    {
        SagaEvent.Done => "done",
        SagaEvent.NotYet => "not-yet",
        SagaEvent.Refused => "refused",
        _ => "interrupted",
    };

    public static void Polled(string target, int sagas, TimeSpan took)
    {
        Polls.Record(took.TotalSeconds, new KeyValuePair<string, object?>("target", target));
        PollSizes.Record(sagas, new KeyValuePair<string, object?>("target", target));
    }

    public static void OrphanFound(string provider) => Orphans.Add(1, new KeyValuePair<string, object?>("provider", provider));

    private static IEnumerable<EngineFigures> Each() => Shown.Keys.Select(host => host.Engine?.Figures ?? EngineFigures.None);
}
