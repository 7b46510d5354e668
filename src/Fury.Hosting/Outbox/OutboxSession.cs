using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fury.Hosting;

/// <summary>What a session of the dispatcher works with.</summary>
internal sealed record OutboxTools(
    OutboxStore Store, Listeners Listeners, IServiceScopeFactory Scopes, WakeSignal Signal, TimeProvider Clock, ILogger Logger);

/// <summary>
/// The dispatcher while it holds the lease. Events of one key are delivered one after the other, different keys side by side. Everything it
/// remembers may be forgotten: what is not deleted is read again.
/// </summary>
internal sealed class OutboxSession(OutboxTools tools) : IDisposable
{
    public const int AttemptsMax = 15;

    private const int KeysInParallelMax = 32;
    private const int RowsHeldMax = 2000;
    private const int RowsPerReadMax = 500;
    private const int RowsPerKeyMax = 64;
    private const int ErrorLengthMax = 2000;

    /// <summary>Between two reads: what comes meanwhile is read together, and what was heard meanwhile is deleted with it.</summary>
    private static readonly TimeSpan ReadPause = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ListenersDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BackoffMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly HashSet<long> _held = [];
    private readonly Dictionary<string, Queue<OutboxRow>> _keys = new(StringComparer.Ordinal);
    private readonly List<Task> _workers = [];
    private readonly SemaphoreSlim _places = new(KeysInParallelMax);
    private readonly OutboxFloor _floor = new(tools.Clock);
    private List<long> _finished = [];

    /// <summary>Delivers until cancelled. Throws when the database fails; the caller begins anew.</summary>
    public async Task Run(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await connection.ExecuteAsync("set synchronous_commit = off");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            while (true)
            {
                await ReadOnce(connection, cancel.Token);
                await Task.Delay(ReadPause, tools.Clock, cancel.Token);
                await tools.Signal.Wait(PollPeriod, tools.Clock, cancel.Token);
            }
        }
        finally
        {
            await cancel.CancelAsync();
            await Task.WhenAll(_workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await DeleteFinished(connection);
        }
    }

    public void Dispose() => _places.Dispose();

    /// <summary>How long to wait before attempt number <paramref name="attempts"/> + 1.</summary>
    internal static TimeSpan Backoff(int attempts)
    {
        const int DoublingsMax = 20;
        var doubled = BackoffMin * (1L << Math.Clamp(attempts - 1, 0, DoublingsMax));
        return doubled < BackoffMax ? doubled : BackoffMax;
    }

    private async Task ReadOnce(NpgsqlConnection connection, CancellationToken cancellation)
    {
        long[] finished, held;
        string[] full;
        lock (_gate)
        {
            finished = [.. _finished];
            _finished = [];
            held = [.. _held];
            full = [.. _keys.Where(key => key.Value.Count >= RowsPerKeyMax).Select(key => key.Key)];
            _workers.RemoveAll(worker => worker.IsCompleted);
        }

        // Zero only deletes. What is held back now is read when there is room again.
        var limit = Math.Min(RowsPerReadMax, RowsHeldMax - held.Length + finished.Length);
        IReadOnlyList<OutboxRow> rows;
        try
        {
            rows = await OutboxStore.Take(connection, finished, _floor.Value, held, full, Math.Max(limit, 0), cancellation);
        }
        catch
        {
            lock (_gate)
            {
                _finished.AddRange(finished);
            }

            throw;
        }

        _floor.Read(rows.Count == 0 ? 0 : rows[^1].Id, complete: full.Length == 0 && limit > 0);
        lock (_gate)
        {
            _held.ExceptWith(finished);
            foreach (var row in rows)
            {
                Enqueue(row, cancellation);
            }
        }

        if (rows.Count == RowsPerReadMax)
        {
            tools.Signal.Set();
        }
    }

    private void Enqueue(OutboxRow row, CancellationToken cancellation)
    {
        _held.Add(row.Id);
        if (_keys.TryGetValue(row.Key, out var queue))
        {
            queue.Enqueue(row);
            return;
        }

        _keys[row.Key] = queue = new([row]);
        _workers.Add(Task.Run(() => Work(row.Key, queue, cancellation), CancellationToken.None));
    }

    private async Task Work(string key, Queue<OutboxRow> queue, CancellationToken cancellation)
    {
        while (true)
        {
            OutboxRow row;
            lock (_gate)
            {
                if (!queue.TryPeek(out row!))
                {
                    _keys.Remove(key);
                    return;
                }
            }

            var finished = await DeliverOrPark(row, cancellation);
            lock (_gate)
            {
                queue.Dequeue();
                if (finished)
                {
                    _finished.Add(row.Id);
                }
                else
                {
                    _held.Remove(row.Id);
                }
            }

            tools.Signal.Set();
        }
    }

    /// <summary>True when all listeners have returned, false when it was parked.</summary>
    private async Task<bool> DeliverOrPark(OutboxRow row, CancellationToken cancellation)
    {
        var done = new HashSet<int>();
        var attempts = row.Attempts;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                await Deliver(row, done, cancellation);
                return true;
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                HostingMetrics.OutboxRetries.Add(1, new KeyValuePair<string, object?>("type", row.Type));
                tools.Logger.LogWarning(failure, "Event {Id} {Type} of {Key} was not heard.", row.Id, row.Type, row.Key);
                // While the database is away every listener fails, and none of them is to blame.
                if (!Transients.IsTransient(failure) && await Count(row, ++attempts, failure, cancellation))
                {
                    return false;
                }

                await Task.Delay(Backoff(attempts), tools.Clock, cancellation);
            }
        }
    }

    private async Task Deliver(OutboxRow row, HashSet<int> done, CancellationToken cancellation)
    {
        if (tools.Listeners.Find(row.Type) is not { } delivery)
        {
            return;
        }

        await _places.WaitAsync(cancellation);
        try
        {
            using var deadline = new CancellationTokenSource(ListenersDeadline, tools.Clock);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
            await using var scope = tools.Scopes.CreateAsyncScope();
            await delivery.Deliver(scope.ServiceProvider, row.Body, done, cancel.Token);
        }
        finally
        {
            _places.Release();
        }

        HostingMetrics.OutboxDelivery.Record((tools.Clock.GetUtcNow().UtcDateTime - row.ToldAt).TotalSeconds);
    }

    /// <summary>Notes the failed attempt. True when it was the last one and the event is parked.</summary>
    private async Task<bool> Count(OutboxRow row, int attempts, Exception failure, CancellationToken cancellation)
    {
        var error = failure.ToString();
        var park = attempts >= AttemptsMax;
        try
        {
            await tools.Store.Fail(row.Id, attempts, error.Length > ErrorLengthMax ? error[..ErrorLengthMax] : error, park, cancellation);
        }
        catch (Exception notNoted) when (!cancellation.IsCancellationRequested)
        {
            tools.Logger.LogWarning("The failed attempt of event {Id} could not be noted: {Reason}", row.Id, notNoted.Message);
            return false;
        }

        if (park)
        {
            HostingMetrics.OutboxParked.Add(1);
            tools.Logger.LogError("Event {Id} {Type} of {Key} is parked after {Attempts} attempts.", row.Id, row.Type, row.Key, attempts);
        }

        return park;
    }

    private async Task DeleteFinished(NpgsqlConnection connection)
    {
        try
        {
            await OutboxStore.Take(connection, [.. _finished], 0, [], [], 0, CancellationToken.None);
        }
        catch (Exception failure)
        {
            tools.Logger.LogDebug("Finished events were not deleted and will be heard again: {Reason}", failure.Message);
        }
    }
}
