using System.Collections.Concurrent;
using Fury.Compute.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Judging;

/// <summary>
/// Has every deployment that this host drives judged at each tick: what their pools have met is read for many at once, written down, and then given to the
/// judge, who can so be asked again with the very same. A driver is told when what the judge says is another.
/// </summary>
internal sealed partial class Assessor(
    IRoutingTables tables, IEnumerable<IComputeEngine> engines, EvidenceStore store, MetricSources sources, TimeProvider clock, ILogger<Assessor> log)
    : BackgroundService, IVerdicts
{
    /// <summary>Between two ticks of a deployment, where this host drives no more than <see cref="PerPassMax"/>.</summary>
    private static readonly TimeSpan PassPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Where it drives more, each comes in every second pass, or third, up to this.</summary>
    private const int PassesPerTickMax = 5;

    private const int PerPassMax = 1000;

    /// <summary>How long requests are counted to know how many there are; proxies report about twice a second.</summary>
    private static readonly TimeSpan CountedFor = TimeSpan.FromSeconds(3);

    /// <summary>
    /// A snapshot is kept after so many ticks, so whoever takes a deployment over has at most so many to read again; and after each that has readings of
    /// sources, since how far these were counted is in the snapshot alone.
    /// </summary>
    private const int TicksPerSnapshot = 12;

    private readonly ConcurrentDictionary<DeploymentId, Assessment> _assessments = [];
    private long _passes;

    public Judged? Of(DeploymentRecord record) => _assessments.GetValueOrDefault(record.Id)?.Judged;

    public SourceCheck Check(DeploymentRecord record) => _assessments.GetValueOrDefault(record.Id)?.Check(clock.GetUtcNow()) ?? SourceCheck.Fine;

    public void Follow(DeploymentRecord record, Action wake) =>
        _assessments.GetOrAdd(record.Id, _ => new(record, wake)).Follow(record);

    public void Forget(DeploymentId deployment) => _assessments.TryRemove(deployment, out _);

    public async Task<PresentTraffic> CountTraffic(ScopeRef scope, IReadOnlyCollection<PoolId> current, CancellationToken cancellation)
    {
        if (current.Count == 0)
        {
            return PresentTraffic.None;
        }

        var (before, began) = (await tables.Traffic([.. current], cancellation), clock.GetTimestamp());
        await Task.Delay(CountedFor, clock, cancellation);
        var (after, seconds) = (await tables.Traffic([.. current], cancellation), clock.GetElapsedTime(began).TotalSeconds);
        var last = (await store.Last([scope], cancellation)).Select(snapshot => Judgement.Of(snapshot.State).Dispersions()).FirstOrDefault();

        // Errors are few: what the pools have met in all their life says more of them than three seconds.
        var (all, bad) = (after.Sum(pool => pool.Requests), after.Sum(pool => pool.Errors + pool.Failures));
        return new(
            (all - before.Sum(pool => pool.Requests)) / seconds, all == 0 ? 0 : (double)bad / all, last?.GetValueOrDefault(Metric.Errors, 1) ?? 1);
    }

    /// <summary>A tick of those whose turn it is.</summary>
    public async Task Pass(CancellationToken cancellation)
    {
        sources.Ask(_assessments.Values.SelectMany(one => one.Wanted));
        var sightings = sources.See();
        foreach (var one in _assessments.Values)
        {
            one.Look(sightings, clock.GetUtcNow());
        }

        List<Assessment> judged = [.. _assessments.Values.Where(one => one.IsJudged)];
        var turns = Math.Clamp((judged.Count + PerPassMax - 1) / PerPassMax, 1, PassesPerTickMax);
        var turn = _passes++ % turns;
        List<Assessment> due = [.. judged.Where(one => (uint)one.Deployment.GetHashCode() % turns == turn)];
        if (due.Count == 0)
        {
            return;
        }

        await Load([.. due.Where(one => !one.IsLoaded)], cancellation);
        var (glance, now) = (await Look([.. due.SelectMany(one => one.Pools).Distinct()], sightings, cancellation), clock.GetUtcNow());
        List<(Assessment Of, Tick Tick, WrittenTick Row)> ticks = [];
        List<Snapshot> snapshots = [];
        foreach (var one in due)
        {
            if (one.Next(glance, now) is { } tick)
            {
                ticks.Add((one, tick, new(one.Deployment, one.Number + 1, now, tick.ToJson())));
            }
            else
            {
                snapshots.Add(one.ToSnapshot());
            }
        }

        var written = await store.Append([.. ticks.Select(tick => tick.Row)], cancellation);
        foreach (var (one, tick, row) in ticks)
        {
            if (!written.Contains(one.Deployment))
            {
                one.Reload();
                continue;
            }

            one.Take(tick, row.Number, glance);
            Telemetry.Judged(clock.GetUtcNow() - now + tick.Span - (turns * PassPeriod));
            if (row.Number % TicksPerSnapshot == 0 || tick.HasReadings)
            {
                snapshots.Add(one.ToSnapshot());
            }
        }

        await store.Save(snapshots, cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PassPeriod, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await Pass(stoppingToken);
            }
            catch (Exception cause) when (!stoppingToken.IsCancellationRequested)
            {
                Stumbled(log, cause);
            }
        }
    }

    private async Task Load(IReadOnlyList<Assessment> unknown, CancellationToken cancellation)
    {
        if (unknown.Count == 0)
        {
            return;
        }

        var snapshots = (await store.Snapshots([.. unknown.Select(one => one.Deployment)], cancellation)).ToDictionary(one => one.Deployment);
        var ticks = await store.Ticks([.. unknown.Select(one => (one.Deployment, snapshots.GetValueOrDefault(one.Deployment)?.Number ?? 0))], cancellation);
        var last = (await store.Last([.. unknown.Select(one => one.Scope)], cancellation)).ToLookup(one => one.Scope);
        foreach (var one in unknown)
        {
            var before = last[one.Scope].Select(snapshot => Judgement.Of(snapshot.State)).FirstOrDefault();
            one.Load(snapshots.GetValueOrDefault(one.Deployment), ticks[one.Deployment], Judgement.Begin(before?.Dispersions()));
        }
    }

    private async Task<Glance> Look(IReadOnlyList<PoolId> pools, Sightings sightings, CancellationToken cancellation)
    {
        List<PoolTraffic> traffic = [];
        List<PoolState> states = [];
        List<ReplicaUsage> usage = [];
        foreach (var some in pools.Chunk(IComputeEngine.PoolsMax))
        {
            traffic.AddRange(await tables.Traffic(some, cancellation));
            foreach (var engine in engines)
            {
                states.AddRange(await engine.Describe(some, cancellation));
                usage.AddRange(await engine.Usage(some, cancellation));
            }
        }

        return new(traffic.ToDictionary(pool => pool.Pool), states.ToDictionary(state => state.Id), usage.ToLookup(replica => replica.Pool), sightings);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A tick of the judge has failed; what it would have seen is seen at the next one.")]
    private static partial void Stumbled(ILogger log, Exception cause);
}
