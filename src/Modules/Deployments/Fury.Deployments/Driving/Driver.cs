using System.Diagnostics;
using System.Threading.Channels;
using Fury.Deployments.Deployments;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Driving;

/// <summary>
/// Drives one deployment to its end: looks, asks the machine for the next move, makes it. It keeps nothing that is not in the record, so
/// it can be killed anywhere and another goes on. A write that is refused because the record has moved on (an abort, a later driver)
/// makes it read again.
/// </summary>
internal sealed partial class Driver(
    DeploymentId id, long token, World world, IDeploymentStore store, PoolIndex pools, TimeProvider clock, ILogger<Driver> log)
{
    private const int RetryFirstMs = 10;

    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Advising _advising = new(world, store, log);

    private DeploymentRecord? _record;

    public long Revision => Volatile.Read(ref _record)?.Revision ?? 0;

    /// <summary>There may be news: look again now.</summary>
    public void Wake() => _news.Writer.TryWrite(true);

    /// <summary>Returns when the deployment has ended, or another driver has it.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        try
        {
            await RunClaims(cancellation);
        }
        finally
        {
            pools.Forget(this);
            world.Verdicts.Forget(id);
        }
    }

    private async Task RunClaims(CancellationToken cancellation)
    {
        var (failures, revision) = (0, 0L);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (await store.Claim(id, token, cancellation) is not { } claimed)
                {
                    return;
                }

                failures = claimed.Revision == revision ? failures : 0;
                revision = claimed.Revision;
                if (await Drive(claimed, cancellation))
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever has failed, the deployment must go on to an end: read the record again and go on from there.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Stumbled(log, error, id);
            }

            var pause = TimeSpan.FromMilliseconds(Math.Min(RetryFirstMs << Math.Min(failures++, 10), RetryMax.TotalMilliseconds));
            await Task.Delay(pause, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>True when the deployment has ended; false when it must be claimed again.</summary>
    private async Task<bool> Drive(DeploymentRecord record, CancellationToken cancellation)
    {
        Fault? refused = null;
        var confirmed = false;
        while (!record.Ended)
        {
            Volatile.Write(ref _record, record);
            pools.Follow(this, record);
            world.Verdicts.Follow(record, Wake);
            var seen = await world.Look(record, confirmed, refused, cancellation);
            var move = Machine.Advance(record, seen, clock.GetUtcNow());
            switch (move)
            {
                case Move.Go go:
                    go = await _advising.Complete(record, seen, go, cancellation);
                    var appended = await store.Append(record, go, cancellation);
                    (refused, confirmed) = (null, false);
                    if (appended.IsOk)
                    {
                        Advanced(log, id, record.Phase, go.Next.Phase, go.Message);
                        record = go.Next with { Fence = record.Fence };
                    }
                    else if (await store.Find(id, cancellation) is { } found && found.Fence == record.Fence)
                    {
                        record = found;
                    }
                    else
                    {
                        return false;
                    }

                    break;
                case Move.Wait wait:
                    refused = null;
                    if (await Wait(record, wait, cancellation) && await store.Find(id, cancellation) is { } latest
                        && latest.Revision != record.Revision)
                    {
                        // A command has changed the record: an abort dominates whatever would have come next (I6).
                        if (latest.Fence != record.Fence)
                        {
                            return false;
                        }

                        (record, confirmed) = (latest, false);
                    }

                    break;
                default:
                    var done = await Do(record, move, cancellation);
                    refused = done.Fault;
                    confirmed |= done is { IsOk: true } && move is Move.Publish;
                    if (refused is { Kind: FaultKind.Stale })
                    {
                        // A later driver has published: the claim tells whether the deployment is still this one's.
                        return false;
                    }

                    break;
            }
        }

        return true;
    }

    private async Task<Outcome<RoutingTable?>> Do(DeploymentRecord record, Move move, CancellationToken cancellation)
    {
        using var span = Telemetry.Doing(record, move.GetType().Name);
        var done = await world.Do(record, move, cancellation);
        span?.SetStatus(done.IsOk ? ActivityStatusCode.Ok : ActivityStatusCode.Error, done.Fault?.Message);
        return done;
    }

    /// <summary>True when there was news, false when time went by or a table has spread.</summary>
    private async Task<bool> Wait(DeploymentRecord record, Move.Wait wait, CancellationToken cancellation)
    {
        var span = wait.Until - clock.GetUtcNow();
        if (_news.Reader.TryRead(out _))
        {
            return true;
        }

        if (span <= TimeSpan.Zero)
        {
            return false;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        List<Task> waits = [Task.Delay(span, clock, over.Token), _news.Reader.WaitToReadAsync(over.Token).AsTask()];
        if (wait.Version is { } version)
        {
            waits.Add(world.Tables.Converged(record.Scope, version, span, over.Token));
        }

        var first = await Task.WhenAny(waits);
        await over.CancelAsync();
        foreach (var other in waits)
        {
            await other.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellation.ThrowIfCancellationRequested();
        if (first.IsFaulted)
        {
            await first;
        }

        return _news.Reader.TryRead(out _);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Deployment {Deployment}: {From} -> {To}. {Message}")]
    private static partial void Advanced(
        ILogger log, DeploymentId deployment, Contracts.DeploymentPhase from, Contracts.DeploymentPhase to, string message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deployment {Deployment} stumbled; its driver reads the record again and goes on.")]
    private static partial void Stumbled(ILogger log, Exception error, DeploymentId deployment);
}
