using Fury.Sdk.KeyValue;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class KeyValueBatchContract
{
    private static readonly Section Kv = new(ServiceKind.KeyValue, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Kv.Core("kv: many are read in the order asked for", async run =>
        {
            var store = await run.KeyValue();
            await store.SetAsync("a", Bytes("1"));
            await store.SetAsync("c", Bytes("3"));
            var items = await store.GetManyAsync(["c", "b", "a"]);
            Sequence(["3", "-", "1"], items.Select(item => item.Result is { } entry ? Text(entry.Value) : "-"));
        }),
        Kv.Core("kv: one bad write of many does not stop the others", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.On(operation: "WriteAsync").Throw(new FuryException(FuryErrorCode.QuotaExceeded, "full"));
            var items = await store.WriteManyAsync([new KvPut("a", Bytes("1")), new KvPut("b", Bytes("2")), new KvDelete("c")]);
            Equal(1, items.Count(item => !item.Succeeded));
            True(items.Count(item => item.Result is not null) == 1);
        }),
        Kv.With(KeyValueCapabilities.PrefixScan, "kv: a scan is in the order of utf-8", async run =>
        {
            var store = await run.KeyValue();
            // By UTF-16 the last two would change places.
            string[] sorted = ["", "A", "a", "a/b", "ab", "é", "鍵", "\uffee", "🔑"];
            foreach (var sort in sorted.Reverse())
            {
                await store.SetAsync(new KvKey("p", sort.Length == 0 ? null : sort), Bytes(sort));
            }

            Sequence(sorted, (await All(store.Scan("p"))).Select(entry => Text(entry.Value)));
        }),
        Kv.With(KeyValueCapabilities.PrefixScan, "kv: a scan keeps to its partition and prefix", async run =>
        {
            var store = await run.KeyValue();
            foreach (var key in new[] { new KvKey("p", "a1"), new("p", "a2"), new("p", "b1"), new("p2", "a3"), new("p/", "a4"), new("p") })
            {
                await store.SetAsync(key, Bytes(key.ToString()));
            }

            Sequence(["p|a1", "p|a2"], (await All(store.Scan("p", "a"))).Select(entry => entry.Key.ToString()));
            Sequence(["p", "p|a1", "p|a2", "p|b1"], (await All(store.Scan("p"))).Select(entry => entry.Key.ToString()));
            Equal(0, (await All(store.Scan("q"))).Count);
        }),
        Kv.With(KeyValueCapabilities.PrefixScan, "kv: a prefix is no pattern", async run =>
        {
            var store = await run.KeyValue();
            foreach (var sort in new[] { "a%b", "axb", "a*b", "a_b", "a[b" })
            {
                await store.SetAsync(new KvKey("p", sort), Bytes(sort));
            }

            foreach (var prefix in new[] { "a%", "a*", "a_", "a[" })
            {
                Sequence([prefix + "b"], (await All(store.Scan("p", prefix))).Select(entry => entry.Key.Sort));
            }
        }),
        Kv.With(KeyValueCapabilities.PrefixScan, "kv: pages go on where they ended, whatever changes between", Pages),
        Kv.With([KeyValueCapabilities.PrefixScan, KeyValueCapabilities.TimeToLive], "kv: a scan leaves out what has expired", async run =>
        {
            var store = await run.KeyValue();
            await store.SetAsync(new KvKey("p", "a"), Bytes("1"), new KvWriteOptions { TimeToLive = TimeSpan.FromSeconds(1) });
            await store.SetAsync(new KvKey("p", "b"), Bytes("2"));
            await run.Advance(TimeSpan.FromSeconds(1.1));
            Sequence(["b"], (await All(store.Scan("p"))).Select(entry => entry.Key.Sort));
        }),
        Kv.With(KeyValueCapabilities.PartitionTransaction, "kv: a transaction is whole", async run =>
        {
            var store = await run.KeyValue();
            await store.SetAsync(new KvKey("p", "gone"), Bytes("0"));
            var tags = await store.TransactAsync(
                [new KvPut(new KvKey("p", "a"), Bytes("1")), new KvDelete(new KvKey("p", "gone")), new KvPut(new KvKey("p", "b"), Bytes("2"))]);
            Equal(tags[0], NotNull(await store.GetAsync(new KvKey("p", "a"))).ETag);
            True(tags[1] is null);
            Equal("2", Text(NotNull(await store.GetAsync(new KvKey("p", "b"))).Value));
            True(await store.GetAsync(new KvKey("p", "gone")) is null);
        }),
        Kv.With(KeyValueCapabilities.PartitionTransaction, "kv: a transaction with a failed condition changes nothing", async run =>
        {
            var store = await run.KeyValue();
            await store.SetAsync(new KvKey("p", "c"), Bytes("0"));
            await Fails(FuryErrorCode.AlreadyExists, () => store.TransactAsync(
            [
                new KvPut(new KvKey("p", "a"), Bytes("1")),
                new KvDelete(new KvKey("p", "d")),
                new KvCheck(new KvKey("p", "c"), WriteCondition.IfAbsent),
            ]));
            True(await store.GetAsync(new KvKey("p", "a")) is null);
            True(await store.GetAsync(new KvKey("p", "c")) is not null);
        }),
        Kv.With(KeyValueCapabilities.PartitionTransaction, "kv: a transaction checks without writing", async run =>
        {
            var store = await run.KeyValue();
            var tag = await store.SetAsync(new KvKey("p", "c"), Bytes("0"));
            await store.TransactAsync(
                [new KvCheck(new KvKey("p", "c"), WriteCondition.IfMatch(tag)), new KvPut(new KvKey("p", "a"), Bytes("1"), WriteCondition.IfAbsent)]);
            Equal(tag, NotNull(await store.GetAsync(new KvKey("p", "c"))).ETag);
            await store.SetAsync(new KvKey("p", "c"), Bytes("1"));
            await Fails(FuryErrorCode.PreconditionFailed, () => store.TransactAsync(
                [new KvCheck(new KvKey("p", "c"), WriteCondition.IfMatch(tag)), new KvPut(new KvKey("p", "b"), Bytes("2"))]));
            True(await store.GetAsync(new KvKey("p", "b")) is null);
        }),
    ];

    private static async Task Pages(ConformanceRun run)
    {
        var store = await run.KeyValue();
        for (var index = 0; index < 10; index++)
        {
            await store.SetAsync(new KvKey("p", $"k{index}"), Bytes("x"));
        }

        List<string> seen = [];
        string? token = null;
        do
        {
            await foreach (var page in store.Scan("p").AsPages(token, 4))
            {
                True(page.Items.Count <= 4);
                seen.AddRange(page.Items.Select(entry => entry.Key.Sort!));
                // Who goes back does not end.
                True(seen.Count <= 10);
                token = page.ContinuationToken;
                break;
            }

            await store.DeleteAsync(new KvKey("p", "k0"));
            await store.SetAsync(new KvKey("p", "k00"), Bytes("x"));
        }
        while (token is not null);

        Sequence(Enumerable.Range(0, 10).Select(index => $"k{index}"), seen);
    }
}
