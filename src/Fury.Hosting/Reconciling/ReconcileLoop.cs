using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Hosting;

/// <summary>Runs every reconciler: each in a loop of its own, so that none waits for another.</summary>
internal sealed class ReconcileLoop(
    IEnumerable<IReconciler> reconcilers,
    ILeases leases,
    LeaseOptions leaseOptions,
    WakeBoard board,
    TimeProvider clock,
    ILogger<ReconcileLoop> logger) : BackgroundService, IReconcilePasses
{
    /// <summary>A pass that takes longer is cancelled; it would keep its work from being done without anybody noticing.</summary>
    private static readonly TimeSpan PassDeadline = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan BackoffMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, ReconcilePass> _last = new(StringComparer.Ordinal);

    public IReadOnlyList<ReconcilePass> Last => [.. _last.Values.OrderBy(pass => pass.Name, StringComparer.Ordinal)];

    /// <summary>How long after so many failures in a row the next pass begins: doubling, and never later than a period or the greatest backoff.</summary>
    internal static TimeSpan Backoff(int failuresInRow, TimeSpan period)
    {
        const int DoublingsMax = 20;
        var doubled = BackoffMin * (1L << Math.Min(failuresInRow - 1, DoublingsMax));
        var most = period < BackoffMin ? BackoffMin : period < BackoffMax ? period : BackoffMax;
        return doubled < most ? doubled : most;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var all = reconcilers.ToList();
        if (all.GroupBy(reconciler => reconciler.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException($"Two reconcilers are named {twice.Key}.");
        }

        return Task.WhenAll(all.Select(reconciler => Task.Run(() => Run(reconciler, stoppingToken), CancellationToken.None)));
    }

    private async Task Run(IReconciler reconciler, CancellationToken stopping)
    {
        ILease? lease = null;
        _last[reconciler.Name] = new(reconciler.Name, Here: !reconciler.OncePerPlatform, null, null, null, 0);
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                if (reconciler.OncePerPlatform && lease is not { IsHeld: true })
                {
                    lease = await Take(reconciler.Name, lease, stopping);
                    if (lease is null)
                    {
                        await Task.Delay(leaseOptions.RetryPeriod, clock, stopping);
                        continue;
                    }
                }

                var failures = await Pass(reconciler, lease, stopping);
                if (failures > 0)
                {
                    await Task.Delay(Backoff(failures, reconciler.Period), clock, stopping);
                }
                else
                {
                    await board.Signal(reconciler.Name).Wait(reconciler.Period, clock, stopping);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The end of the loop.
        }
        finally
        {
            board.ServedHere(reconciler.Name, false);
            if (lease is not null)
            {
                await lease.DisposeAsync();
            }
        }
    }

    private async Task<ILease?> Take(string name, ILease? old, CancellationToken cancellation)
    {
        board.ServedHere(name, false);
        ILease? lease = null;
        try
        {
            if (old is not null)
            {
                await old.DisposeAsync();
            }

            lease = await leases.TryAcquire(name, cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            logger.LogWarning("The lease of reconciler {Reconciler} could not be asked for: {Reason}", name, failure.Message);
        }

        board.ServedHere(name, lease is not null);
        _last[name] = _last[name] with { Here = lease is not null };
        return lease;
    }

    /// <summary>One pass, its outcome noted. Answers how many have failed in a row.</summary>
    private async Task<int> Pass(IReconciler reconciler, ILease? lease, CancellationToken stopping)
    {
        var name = reconciler.Name;
        var begun = clock.GetTimestamp();
        _last[name] = _last[name] with { BeganAt = clock.GetUtcNow() };
        string? error = null;
        using var deadline = new CancellationTokenSource(PassDeadline, clock);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping, deadline.Token, lease?.Lost ?? CancellationToken.None);
        try
        {
            await reconciler.Pass(lease?.Token ?? 0, cancel.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            error = deadline.IsCancellationRequested ? $"It took longer than {PassDeadline}." : failure.Message;
            logger.LogError(failure, "A pass of reconciler {Reconciler} failed.", name);
            HostingMetrics.ReconcilerFailures.Add(1, new KeyValuePair<string, object?>("reconciler", name));
        }

        var took = clock.GetElapsedTime(begun);
        var failures = error is null ? 0 : _last[name].FailuresInRow + 1;
        HostingMetrics.ReconcilerPass.Record(took.TotalSeconds, new KeyValuePair<string, object?>("reconciler", name));
        _last[name] = _last[name] with { Took = took, Error = error, FailuresInRow = failures };
        return failures;
    }
}
