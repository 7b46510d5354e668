using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>Where an engine may be stopped by a test, in the very places where a crash hurts.</summary>
internal enum CrashPoint
{
    BeforeCommit,
    AfterCommit,
}

/// <summary>
/// One connection through which the changes of many sagas are written. What arrives while a flush is under way goes with the next one, so
/// the size of a flush follows the load and nobody lingers.
/// </summary>
internal sealed class Lane(
    ILaneStore store,
    HostLease host,
    Action fenced,
    Action<CrashPoint>? crash,
    TimeProvider clock,
    ILogger log) : IAsyncDisposable
{
    public const int FlushRowsMax = 2048;
    public const int FlushBytesMax = 1024 * 1024;

    /// <summary>So often a flush that may have been at work when it was looked for is looked for again.</summary>
    private const int MisfitsMax = 10;

    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    private readonly Channel<CommitItem> _items = Channel.CreateUnbounded<CommitItem>(new() { SingleReader = true });
    private int _queued;

    /// <summary>Items that wait for a flush.</summary>
    public int Queued => Volatile.Read(ref _queued);

    /// <summary>Bounded by what is alive: each saga has at most one item under way, and each start a caller who waits for it.</summary>
    public void Add(CommitItem item)
    {
        Interlocked.Increment(ref _queued);
        if (!_items.Writer.TryWrite(item))
        {
            item.Ended(new CommitResult.Dropped());
        }
    }

    public async Task Run(CancellationToken stopping)
    {
        var batch = new List<CommitItem>();
        try
        {
            while (await _items.Reader.WaitToReadAsync(stopping))
            {
                Fill(batch);
                await Flush(batch, unknown: false, stopping);
                batch.Clear();
            }
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // What is on its way is found again, by this host or another, in the database.
        }
#pragma warning disable CA1031 // A bug here must not leave sagas waiting for a lane that is gone.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            log.LogCritical(exception, "A lane of host {Host} broke; the host joins anew", host.Host);
            fenced();
        }
        finally
        {
            _items.Writer.TryComplete();
            batch.ForEach(item => item.Ended(new CommitResult.Dropped()));
            while (_items.Reader.TryRead(out var item))
            {
                item.Ended(new CommitResult.Dropped());
            }
        }
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private void Fill(List<CommitItem> batch)
    {
        for (int rows = 0, bytes = 0; rows < FlushRowsMax && bytes < FlushBytesMax && _items.Reader.TryRead(out var item);)
        {
            Interlocked.Decrement(ref _queued);
            batch.Add(item);
            rows += item.Rows;
            bytes += item.Bytes;
        }
    }

    /// <summary>Ends every item of the batch. Goes on until PostgreSQL has answered, through any number of lost connections.</summary>
    /// <param name="unknown">It may have been written: an answer was lost.</param>
    private async Task Flush(List<CommitItem> batch, bool unknown, CancellationToken stopping)
    {
        var misfits = 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var late = unknown && await store.WasCommitted(batch, stopping)
                    ? await store.Late(batch, stopping)
                    : await Commit(batch, stopping);
                Telemetry.Flushed(batch, late.Count);

                // Starts first, as commit_batch numbers their turns: sagas of one key must queue here as they would after a takeover.
                foreach (var item in batch.OrderBy(item => item.Start is null))
                {
                    var isLate = late.TryGetValue(item.Saga.Id.Value, out var result) && item.Start is not null;
                    item.Ended(isLate ? result! : new CommitResult.Committed());
                }

                return;
            }
            catch (FencedException)
            {
                log.LogWarning("Host {Host} was declared dead; it writes nothing more under epoch {Epoch}", host.Host, host.Epoch);
                fenced();
                End(batch, new CommitResult.Dropped());
                return;
            }
            catch (MisfitException) when (unknown && misfits < MisfitsMax)
            {
                // The lost call was still at work when it was looked for; look again, however long it took until PostgreSQL was there.
                misfits++;
                await Task.Delay(Pause(attempt), clock, stopping);
            }
            catch (Exception exception) when (Database.MayPass(exception) && !stopping.IsCancellationRequested)
            {
                unknown = true;
                log.LogWarning("A flush of {Count} got no answer, attempt {Attempt}: {Error}", batch.Count, attempt, exception.Message);
                await Task.Delay(Pause(attempt), clock, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                await Split(batch, exception, unknown, stopping);
                return;
            }
        }
    }

    private async Task<IReadOnlyDictionary<long, CommitResult.Late>> Commit(List<CommitItem> batch, CancellationToken stopping)
    {
        crash?.Invoke(CrashPoint.BeforeCommit);
        stopping.ThrowIfCancellationRequested();
        var late = await store.Commit(batch, stopping);
        crash?.Invoke(CrashPoint.AfterCommit);
        stopping.ThrowIfCancellationRequested();
        return late;
    }

    /// <summary>One saga that PostgreSQL refuses must not hold up the others.</summary>
    private async Task Split(List<CommitItem> batch, Exception exception, bool unknown, CancellationToken stopping)
    {
        if (batch.Count == 1)
        {
            log.LogError(exception, "Saga {Saga} could not be written", batch[0].Saga.Id);
            End(batch, new CommitResult.Rejected(exception));
            return;
        }

        foreach (var item in batch)
        {
            await Flush([item], unknown, stopping);
        }
    }

    private static void End(List<CommitItem> batch, CommitResult result)
    {
        foreach (var item in batch)
        {
            item.Ended(result);
        }
    }

    private static TimeSpan Pause(int attempt) =>
        TimeSpan.FromMilliseconds(Math.Min(PauseMax.TotalMilliseconds, 25 * Math.Pow(2, Math.Min(attempt, 10))));
}
