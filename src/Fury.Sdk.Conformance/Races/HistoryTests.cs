using System.Collections.Concurrent;
using Fury.Sdk.KeyValue;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Races;

/// <summary>Reads, writes, compare-and-swaps and deletes of one key by several at once, held against a register that does one thing at a time.</summary>
internal static class HistoryTests
{
    private const int Windows = 12;
    private const int Callers = 4;
    private const int CallsEach = 6;

    public static IEnumerable<ConformanceTest> Tests =>
    [
        new ConformanceTest(
            "history: a key is one register", ServiceKind.KeyValue, ConformanceLevel.Races,
            [KeyValueCapabilities.Cas, KeyValueCapabilities.StrongRead], run => Histories(run, faults: false)),
        new ConformanceTest(
            "history: a key is one register while answers are lost", ServiceKind.KeyValue, ConformanceLevel.Faults,
            [KeyValueCapabilities.Cas, KeyValueCapabilities.StrongRead], run => Histories(run, faults: true)),
    ];

    private static async Task Histories(ConformanceRun run, bool faults)
    {
        var store = await run.KeyValue();
        var ticks = 0L;
        for (var window = 0; window < Windows; window++)
        {
            var key = $"w{window}";
            var history = new ConcurrentBag<HistoryItem>();
            if (faults)
            {
                run.Faults.On(operation: "WriteAsync").Nth(3 + window).CutAfterSend();
                run.Faults.On(operation: "WriteAsync").Nth(6 + window).CutUnknown();
            }

            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
            {
                var random = new Random((window * 100) + caller);
                for (var call = 0; call < CallsEach; call++)
                {
                    history.Add(await One(store, key, $"{caller}.{call}", random.Next(4), () => Interlocked.Increment(ref ticks)));
                }
            })));
            run.Faults.Clear();
            var items = history.OrderBy(item => item.Begun).ToList();
            if (!Linearizability.Check(items, null))
            {
                throw new ConformanceException($"No order of these explains their answers:\n{string.Join('\n', items.Select(item => item.Text))}");
            }
        }
    }

    private static async Task<HistoryItem> One(KeyValueStore store, string key, string value, int kind, Func<long> tick)
    {
        var begun = tick();
        switch (kind)
        {
            case 0:
                var read = await store.GetAsync(key) is { } entry ? Text(entry.Value) : null;
                return Item(begun, tick(), state => (state == read, state), false, $"read {read}");
            case 1:
                return await Write(begun, tick, state => (true, null), "delete", () => store.DeleteAsync(key));
            default:
                // What the swap compares with is read before, and is what must be there when it happens.
                var seen = await store.GetAsync(key);
                var expected = seen is null ? null : Text(seen.Value);
                begun = tick();
                var condition = seen is null ? WriteCondition.IfAbsent : WriteCondition.IfMatch(seen.ETag);
                var swapped = false;
                var item = await Write(
                    begun, tick, state => (state == expected, value), $"swap {expected} for {value}",
                    async () => swapped = (await store.TrySetAsync(key, Bytes(value), new KvWriteOptions { Condition = condition })).Applied);
                return item.MayBeLost || swapped ? item : item with { Apply = state => (state != expected, state), Text = item.Text + " refused" };
        }
    }

    private static async Task<HistoryItem> Write(
        long begun, Func<long> tick, Func<string?, (bool Fits, string? Next)> apply, string text, Func<Task> write)
    {
        try
        {
            await write();
            return Item(begun, tick(), apply, false, text);
        }
        catch (FuryException unknown) when (unknown.OutcomeUnknown)
        {
            return Item(begun, long.MaxValue, apply, true, text + " unknown");
        }
        catch (FuryException failed) when (failed.IsTransient)
        {
            return Item(begun, tick(), state => (true, state), false, text + " failed");
        }
    }

    private static HistoryItem Item(long begun, long ended, Func<string?, (bool Fits, string? Next)> apply, bool mayBeLost, string text) =>
        new(begun, ended, apply, mayBeLost, $"{begun,5} {(ended == long.MaxValue ? "    ?" : $"{ended,5}")} {text}");
}
