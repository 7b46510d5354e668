using System.Collections.Concurrent;
using System.Text;
using Fury.Sdk.Conformance.Races;
using Fury.Sdk.KeyValue;
using Fury.Testing;

namespace Fury.Sdk.Tests.Moving;

/// <summary>
/// What an application does all the while: keys whose history is recorded, counters, a sum over two keys that transactions keep, and keys that nobody
/// touches. In the end it says what is wrong with the answers.
/// </summary>
/// <param name="pauseMs">Between two calls of a caller, at most.</param>
internal sealed class MoveTraffic(IReadOnlyList<KeyValueStore> stores, int faulty, int seed, int pauseMs = 2)
{
    private const int Hot = 5;
    private const int Idle = 120;
    private const int Counters = 3;
    private const int HistoryMax = 44;

    private static readonly KvKey From = new("accounts", "from");
    private static readonly KvKey To = new("accounts", "to");

    private readonly ConcurrentDictionary<string, ConcurrentBag<HistoryItem>> _histories = new();
    private readonly ConcurrentBag<(int Counter, long Sum)> _sums = [];
    private readonly ConcurrentQueue<string> _failed = new();
    private readonly string[] _hot = [.. Enumerable.Range(0, Hot).Select(slot => $"h{slot}")];
    private readonly int[] _calls = new int[Hot];
    private readonly int[] _maybe = new int[Counters];
    private readonly Lock _gate = new();
    private volatile bool _stops;
    private volatile bool _isOneByOne;
    private long _ticks;
    private long _done;
    private int _keys = Hot;
    private int _transfers;
    private int _maybeTransfers;
    private int _transferring;
    private Task _workers = Task.CompletedTask;

    public long Done => Interlocked.Read(ref _done);

    public int Histories => _histories.Count;

    public async Task Start()
    {
        for (var key = 0; key < Idle; key++)
        {
            await stores[0].SetAsync(new KvKey($"idle{key % 7}", $"{key}"), Bytes($"{key}"));
        }

        await stores[0].SetAsync(From, Bytes("100000"));
        await stores[0].SetAsync(To, Bytes("0"));
        _workers = Task.WhenAll(stores.SelectMany((store, instance) => Enumerable.Range(0, 2).Select(caller => Task.Run(
            () => Work(store, instance >= stores.Count - faulty, new Random(seed + (instance * 10) + caller), $"{instance}{caller}")))));
    }

    /// <summary>From now on no transactions: the next provider has none.</summary>
    public Task GoOnOneByOne()
    {
        _isOneByOne = true;
        return Eventually.True(() => Volatile.Read(ref _transferring) == 0);
    }

    /// <summary>Waits until so many more calls were answered.</summary>
    public Task GoOn(int calls)
    {
        var goal = Done + calls;
        return Eventually.True(() => Done >= goal || _workers.IsCompleted);
    }

    /// <summary>Ends it, and reads everything. Empty: all is right.</summary>
    public async Task<IReadOnlyList<string>> Stop()
    {
        _stops = true;
        await _workers;
        List<string> wrong = [.. _failed];
        var store = stores[0];
        foreach (var (key, history) in _histories)
        {
            var begun = Tick();
            var value = await Read(store, key);
            history.Add(Item(begun, Tick(), state => (state == value, state), false, $"read {value}"));
            var items = history.OrderBy(item => item.Begun).ToList();
            if (!Linearizability.Check(items, null))
            {
                wrong.Add($"No order explains {key}:\n{string.Join('\n', items.Select(item => item.Text))}");
            }
        }

        for (var counter = 0; counter < Counters; counter++)
        {
            var sums = _sums.Where(sum => sum.Counter == counter).Select(sum => sum.Sum).ToList();
            var last = long.Parse(await Read(store, $"c{counter}") ?? "0");
            if (sums.Distinct().Count() != sums.Count || last < sums.Count || last > sums.Count + _maybe[counter])
            {
                wrong.Add($"Counter {counter} is {last} after {sums.Count} increments, of {sums.Distinct().Count()} sums, and {_maybe[counter]} not known.");
            }
        }

        var (from, to) = (int.Parse((await Read(store, From))!), int.Parse((await Read(store, To))!));
        if (from + to != 100_000 || to < _transfers || to > _transfers + _maybeTransfers)
        {
            wrong.Add($"The accounts have {from} and {to} after {_transfers} transfers and {_maybeTransfers} of which nobody knows.");
        }

        for (var key = 0; key < Idle; key++)
        {
            if (await Read(store, new KvKey($"idle{key % 7}", $"{key}")) is var value && value != $"{key}")
            {
                wrong.Add($"The idle key {key} has '{value}'.");
            }
        }

        return wrong;
    }

    private async Task Work(KeyValueStore store, bool isFaulty, Random random, string name)
    {
        Held? held = null;
        for (var call = 0; !_stops; call++)
        {
            // Now and then somebody gives up in the middle of a call.
            using var patience = random.Next(50) == 0 ? new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(3))) : null;
            var cancel = patience?.Token ?? CancellationToken.None;
            var value = $"{name}.{call}";
            try
            {
                switch (random.Next(10))
                {
                    case 0 or 1:
                        await Increment(store, random.Next(Counters), cancel);
                        break;
                    case 2:
                        await TransferOrNot(store, cancel);
                        break;
                    default:
                        held = await OnHistory(store, random, isFaulty, value, held, cancel) ?? held;
                        break;
                }
            }
            catch (Exception error) when (cancel.IsCancellationRequested
                || (isFaulty && error is FuryException { IsTransient: true } or FuryException { OutcomeUnknown: true }))
            {
                // Of it nothing is known; it has noted that.
            }
            catch (Exception error)
            {
                _failed.Enqueue($"A call failed: {error}");
                return;
            }

            Interlocked.Increment(ref _done);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(pauseMs)), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task Increment(KeyValueStore store, int counter, CancellationToken cancel)
    {
        Interlocked.Increment(ref _maybe[counter]);
        _sums.Add((counter, await store.IncrementAsync($"c{counter}", cancellationToken: cancel)));
        Interlocked.Decrement(ref _maybe[counter]);
    }

    private async Task TransferOrNot(KeyValueStore store, CancellationToken cancel)
    {
        Interlocked.Increment(ref _transferring);
        try
        {
            if (!_isOneByOne)
            {
                await Transfer(store, cancel);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _transferring);
        }
    }

    private async Task Transfer(KeyValueStore store, CancellationToken cancel)
    {
        var (from, to) = (await store.GetAsync(From, cancellationToken: cancel), await store.GetAsync(To, cancellationToken: cancel));
        Interlocked.Increment(ref _maybeTransfers);
        try
        {
            await store.TransactAsync(
            [
                new KvPut(From, Bytes($"{int.Parse(Text(from!)) - 1}"), WriteCondition.IfMatch(from!.ETag)),
                new KvPut(To, Bytes($"{int.Parse(Text(to!)) + 1}"), WriteCondition.IfMatch(to!.ETag)),
            ], cancel);
            Interlocked.Increment(ref _transfers);
            Interlocked.Decrement(ref _maybeTransfers);
        }
        catch (FuryException lost) when (lost is { Code: FuryErrorCode.PreconditionFailed, OutcomeUnknown: false })
        {
            // Another was faster.
            Interlocked.Decrement(ref _maybeTransfers);
        }
    }

    /// <returns>What was read or written, to be compared with later.</returns>
    private async Task<Held?> OnHistory(KeyValueStore store, Random random, bool isFaulty, string value, Held? held, CancellationToken cancel)
    {
        var kind = random.Next(6);
        var key = kind == 0 && held is { } kept && Called(kept.Key) < HistoryMax + 8 ? kept.Key : Next(random.Next(Hot));
        var history = _histories.GetOrAdd(key, _ => []);
        var begun = Tick();
        switch (kind)
        {
            case 0 when held is { } old && old.Key == key:
                // With what was read a while ago: much may have happened to the key since, also a move.
                return await Swap(WriteCondition.IfMatch(old.Tag), old.Value);
            case 1 or 2:
                var entry = await store.GetAsync(key, cancellationToken: cancel);
                var read = entry is null ? null : Text(entry);
                history.Add(Item(begun, Tick(), state => (state == read, state), false, $"read {read}"));
                return entry is null ? null : new Held(key, entry.ETag, read!);
            // After a lost answer it may happen twice (what came between is lost by it), so both are done only where none is lost.
            case 3 when !isFaulty:
                await Write(state => (true, value), $"set {value}", () => store.SetAsync(key, Bytes(value), cancellationToken: cancel));
                return null;
            case 4 when !isFaulty:
                await Write(state => (true, null), "delete", () => store.DeleteAsync(key, cancellationToken: cancel));
                return null;
            default:
                var seen = await store.GetAsync(key, cancellationToken: cancel);
                if (isFaulty && seen is null)
                {
                    // After a lost answer the portable layer takes what is absent again for what was never there, and creates it twice.
                    return null;
                }

                begun = Tick();
                return await Swap(seen is null ? WriteCondition.IfAbsent : WriteCondition.IfMatch(seen.ETag), seen is null ? null : Text(seen));
        }

        async Task<Held?> Swap(WriteCondition condition, string? expected)
        {
            var attempt = default(KvAttempt);
            var item = await Write(
                state => (state == expected, value), $"swap {expected} for {value}",
                async () => attempt = await store.TrySetAsync(key, Bytes(value), new KvWriteOptions { Condition = condition }, cancel),
                () => !attempt.Applied ? state => (state != expected, state) : null);
            return item && attempt is { Applied: true, Current: { } tag } ? new Held(key, tag, value) : null;
        }

        async Task<bool> Write(
            Func<string?, (bool Fits, string? Next)> apply, string text, Func<Task> write,
            Func<Func<string?, (bool Fits, string? Next)>?>? otherwise = null)
        {
            try
            {
                await write();
                var other = otherwise?.Invoke();
                history.Add(Item(begun, Tick(), other ?? apply, false, other is null ? text : text + " refused"));
                return true;
            }
            catch (FuryException failed) when (failed is { OutcomeUnknown: false, IsTransient: true })
            {
                return false;
            }
            catch (Exception)
            {
                history.Add(Item(begun, long.MaxValue, apply, true, text + " unknown"));
                throw;
            }
        }
    }

    /// <summary>A key of the slot; a fresh one when the one before has been called as often as a history may be long.</summary>
    private string Next(int slot)
    {
        lock (_gate)
        {
            if (++_calls[slot] > HistoryMax || Called(_hot[slot]) >= HistoryMax)
            {
                (_calls[slot], _hot[slot]) = (1, $"h{_keys++}");
            }

            return _hot[slot];
        }
    }

    /// <summary>By all who know it, also by who keeps what he has read of it; those of now come on top, and all must be few enough to be searched.</summary>
    private int Called(string key) => _histories.TryGetValue(key, out var history) ? history.Count : 0;

    private long Tick() => Interlocked.Increment(ref _ticks);

    private static async Task<string?> Read(KeyValueStore store, KvKey key) => await store.GetAsync(key) is { } entry ? Text(entry) : null;

    private static string Text(KvEntry entry) => Encoding.UTF8.GetString(entry.Value.Span);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private sealed record Held(string Key, ETag Tag, string Value);

    private static HistoryItem Item(long begun, long ended, Func<string?, (bool Fits, string? Next)> apply, bool mayBeLost, string text) =>
        new(begun, ended, apply, mayBeLost, $"{begun,6} {(ended == long.MaxValue ? "     ?" : $"{ended,6}")} {text}");
}
