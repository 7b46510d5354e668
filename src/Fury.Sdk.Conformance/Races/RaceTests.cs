using System.Collections.Concurrent;
using Fury.Sdk.Coordination;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Races;

/// <summary>Many at once, where exactly one may win or nothing may be lost.</summary>
internal static class RaceTests
{
    private const int Keys = 25;
    private const int Writers = 16;

    public static IEnumerable<ConformanceTest> Tests =>
    [
        new ConformanceTest("races: of many creators of a key one wins", ServiceKind.KeyValue, ConformanceLevel.Races, [KeyValueCapabilities.Cas], async run =>
        {
            var store = await run.KeyValue();
            var winners = await Race(async (key, writer) =>
                (await store.TrySetAsync($"k{key}", Bytes($"{writer}"), new KvWriteOptions { Condition = WriteCondition.IfAbsent })).Applied);
            for (var key = 0; key < Keys; key++)
            {
                Equal(1, winners[key].Count);
                Equal($"{winners[key].Single()}", Text(NotNull(await store.GetAsync($"k{key}")).Value));
            }
        }) { IsProbe = true },
        new ConformanceTest("races: increments are all counted", ServiceKind.KeyValue, ConformanceLevel.Races, [KeyValueCapabilities.Cas], async run =>
        {
            var store = await run.KeyValue();
            var sums = new ConcurrentBag<long>();
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                for (var index = 0; index < 10; index++)
                {
                    sums.Add(await store.IncrementAsync("n"));
                }
            })));
            Sequence(Enumerable.Range(1, 80).Select(each => (long)each), sums.Order());
        }),
        new ConformanceTest("races: updates are all applied", ServiceKind.KeyValue, ConformanceLevel.Races, [KeyValueCapabilities.Cas], async run =>
        {
            var store = await run.KeyValue();
            await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
            {
                for (var index = 0; index < 5; index++)
                {
                    await store.UpdateAsync("s", s => new Contract.Sample("s", (s?.Number ?? 0) + 1), Contract.SampleJson.Default.Sample);
                }
            })));
            Equal(30, NotNull(await store.GetAsync("s", Contract.SampleJson.Default.Sample)).Value.Number);
        }),
        new ConformanceTest(
            "races: transactions keep a sum", ServiceKind.KeyValue, ConformanceLevel.Races,
            [KeyValueCapabilities.PartitionTransaction, KeyValueCapabilities.Cas], Transfers),
        new ConformanceTest(
            "races: of many creators of an object one wins", ServiceKind.Objects, ConformanceLevel.Races, [ObjectCapabilities.ConditionalCreate],
            async run =>
            {
                var bucket = await run.Objects();
                var winners = await Race(async (key, writer) => await Wins(() =>
                    bucket.WriteAsync($"k{key}", Bytes($"{writer}"), new ObjectWriteOptions { Condition = WriteCondition.IfAbsent })));
                for (var key = 0; key < Keys; key++)
                {
                    Equal(1, winners[key].Count);
                    Equal($"{winners[key].Single()}", Text(await bucket.ReadBytesAsync($"k{key}")));
                }
            }) { IsProbe = true },
        new ConformanceTest("races: every message is handled by one", ServiceKind.Queue, ConformanceLevel.Races, [], async run =>
        {
            var queue = await run.Queue();
            for (var index = 0; index < 200; index++)
            {
                await queue.SendAsync(new OutgoingMessage(Bytes($"{index}")));
            }

            var handled = new ConcurrentBag<string>();
            var options = new ReceiveOptions { MaxMessages = 7, Wait = TimeSpan.Zero };
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                while (await queue.ReceiveAsync(options) is { Count: > 0 } messages)
                {
                    foreach (var message in messages)
                    {
                        handled.Add(Text(message.Body));
                        await message.CompleteAsync();
                    }
                }
            })));
            Sequence(Enumerable.Range(0, 200), handled.Select(int.Parse).Order());
        }),
        new ConformanceTest(
            "races: a key is handled by one at a time, in order", ServiceKind.Queue, ConformanceLevel.Races, [MessagingCapabilities.OrderingKey], Ordered),
        new ConformanceTest("races: of many who want a lock one has it", ServiceKind.Locks, ConformanceLevel.Races, [], async run =>
        {
            var locks = await run.Locks();
            var options = new LockOptions { AutoRenew = false };
            for (var round = 0; round < 10; round++)
            {
                var leases = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(() => locks.TryAcquireAsync("a", options))));
                var held = leases.OfType<LockLease>().ToList();
                Equal(1, held.Count);
                await held[0].DisposeAsync();
            }
        }) { IsProbe = true },
        new ConformanceTest("races: no number is given twice", ServiceKind.Sequences, ConformanceLevel.Races, [], async run =>
        {
            var sequences = await run.Sequences();
            var given = new ConcurrentBag<long>();
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                for (var index = 0; index < 25; index++)
                {
                    given.Add(await sequences.NextAsync("a"));
                }
            })));
            Equal(200, given.Distinct().Count());
        }) { IsProbe = true },
    ];

    private static async Task<ConcurrentBag<int>[]> Race(Func<int, int, Task<bool>> write)
    {
        var winners = Enumerable.Range(0, Keys).Select(_ => new ConcurrentBag<int>()).ToArray();
        await Task.WhenAll(
            from key in Enumerable.Range(0, Keys)
            from writer in Enumerable.Range(0, Writers)
            select Task.Run(async () =>
            {
                if (await write(key, writer))
                {
                    winners[key].Add(writer);
                }
            }));
        return winners;
    }

    private static async Task<bool> Wins(Func<Task> write)
    {
        try
        {
            await write();
            return true;
        }
        catch (FuryException lost) when (lost.Code == FuryErrorCode.AlreadyExists)
        {
            return false;
        }
    }

    private static async Task Transfers(ConformanceRun run)
    {
        var store = await run.KeyValue();
        var (from, to) = (new KvKey("p", "from"), new KvKey("p", "to"));
        await store.SetAsync(from, Bytes("100"));
        await store.SetAsync(to, Bytes("0"));
        // Also where one thread does it all, others come in between: at first all have read the same.
        var first = await Look();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var (a, b) = first;
            for (var done = 0; done < 5; (a, b) = await Look())
            {
                await Task.Yield();
                try
                {
                    await store.TransactAsync(
                    [
                        new KvPut(from, Bytes($"{int.Parse(Text(a.Value)) - 1}"), WriteCondition.IfMatch(a.ETag)),
                        new KvPut(to, Bytes($"{int.Parse(Text(b.Value)) + 1}"), WriteCondition.IfMatch(b.ETag)),
                    ]);
                    done++;
                }
                catch (FuryException lost) when (lost.Code == FuryErrorCode.PreconditionFailed)
                {
                    // Another was faster; looks again.
                }
            }
        })));
        Equal("80", Text(NotNull(await store.GetAsync(from)).Value));
        Equal("20", Text(NotNull(await store.GetAsync(to)).Value));

        async Task<(KvEntry From, KvEntry To)> Look() => (NotNull(await store.GetAsync(from)), NotNull(await store.GetAsync(to)));
    }

    private static async Task Ordered(ConformanceRun run)
    {
        var queue = await run.Queue();
        for (var index = 0; index < 100; index++)
        {
            await queue.SendAsync(new OutgoingMessage(Bytes($"{index}")) { OrderingKey = $"k{index % 5}" });
        }

        var seen = new ConcurrentDictionary<string, int>();
        var busy = new ConcurrentDictionary<string, bool>();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            var empty = 0;
            while (empty < 3)
            {
                var messages = await queue.ReceiveAsync(new ReceiveOptions { MaxMessages = 3, Wait = TimeSpan.Zero });
                empty = messages.Count == 0 ? empty + 1 : 0;
                foreach (var message in messages)
                {
                    True(busy.TryAdd(message.OrderingKey!, true));
                    True(seen.GetValueOrDefault(message.OrderingKey!, -1) < int.Parse(Text(message.Body)));
                    seen[message.OrderingKey!] = int.Parse(Text(message.Body));
                    True(busy.TryRemove(message.OrderingKey!, out var _));
                    await message.CompleteAsync();
                }

                await Task.Yield();
            }
        })));
        Equal(5, seen.Count);
    }
}
