using Fury.Deployments.Deployments;
using Fury.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Judging;

/// <summary>
/// Every night stable pools are judged against themselves, by what was recorded of deployments that ended well: the rate of false alarms is measured and
/// not believed. Each deployment is split once, so that splits say something of each other no more than deployments do.
/// </summary>
internal sealed partial class NightlyCalibration(EvidenceStore evidence, CalibrationStore store, TimeProvider clock, ILogger<NightlyCalibration> log)
    : IReconciler
{
    /// <summary>So many deployments are split in one night; the others have their turn in the next.</summary>
    private const int PerNightMax = 100;

    /// <summary>The night chooses among so many.</summary>
    private const int EligibleMax = 1000;

    /// <summary>Of a stream so many ticks are judged, and with fewer nothing is said.</summary>
    private const int TicksMax = 3600;
    private const int TicksMin = 60;

    /// <summary>How long after its end a deployment may be split.</summary>
    private const int DaysBack = 7;

    private const int NightsKept = 400;

    public string Name => "deployments-calibration";

    public TimeSpan Period { get; } = TimeSpan.FromHours(1);

    public bool OncePerPlatform => true;

    /// <summary>Once a night has begun (in UTC), what ended before it is split; a pass that was cut short is gone on with by the next.</summary>
    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var night = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var began = new DateTimeOffset(night, TimeOnly.MinValue, TimeSpan.Zero);
        var left = PerNightMax - await store.Done(night, cancellation);
        var eligible = left <= 0 ? [] : await store.Eligible(began.AddDays(-DaysBack), began, TicksMin, EligibleMax, cancellation);
        var random = new Random(night.DayNumber);
        DeploymentRecord[] chosen = [.. eligible];
        random.Shuffle(chosen);
        foreach (var record in chosen.Take(left))
        {
            await store.Save(await Split(record, night, random.Next(), cancellation), cancellation);
        }

        await store.Forget(night.AddDays(-NightsKept), cancellation);
        var counted = await store.Count(night.AddDays(-FalseAlarms.Nights), cancellation);
        CalibrationMetrics.Show(counted);
        if (counted.IsAlarming && chosen.Length > 0)
        {
            Alarming(log, counted.Sentence);
        }
    }

    private async Task<Split> Split(DeploymentRecord record, DateOnly night, int seed, CancellationToken cancellation)
    {
        List<WrittenTick> stream = [];
        await foreach (var written in evidence.Stream(record.Id, 0, cancellation))
        {
            stream.Add(written);
            if (stream.Count == TicksMax)
            {
                break;
            }
        }

        // Which replicas without requests are ready is not known, so that half a pool must not be taken for one that is down.
        var policy = JudgePolicies.Of(record.Policy) with { UnreadySeconds = int.MaxValue };
        var told = 0;
        var verdict = Calibration.OfStable(policy, stream.Select(written => Tick.Of(written.Tick)).Where(CanBeSplit), seed);
        // A fail ends the judgement, whenever it comes.
        return new(record.Id, night, seed, told, told >= TicksMin || verdict.Kind == VerdictKind.Fail ? verdict : null);

        bool CanBeSplit(Tick tick)
        {
            var can = tick.Lanes.Any(lane => lane.Current?.Replicas is { Count: > 1 });
            told += can ? 1 : 0;
            return can;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sentence}")]
    private static partial void Alarming(ILogger log, string sentence);
}
