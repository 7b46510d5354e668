using Fury.Sdk.KeyValue;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class KeyValueContract
{
    private static readonly Section Kv = new(ServiceKind.KeyValue, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Kv.Core("kv: what was never written is absent", async run => True(await (await run.KeyValue()).GetAsync("a") is null)),
        Kv.Core("kv: what was written is read", Written),
        Kv.Core("kv: an empty value is a value", async run =>
        {
            var store = await run.KeyValue();
            await store.SetAsync("a", default);
            Equal(0, NotNull(await store.GetAsync("a")).Value.Length);
        }),
        Kv.Core("kv: the largest value is kept whole", async run =>
        {
            var store = await run.KeyValue();
            var value = Enumerable.Range(0, KvChecks.ValueBytesMax).Select(each => (byte)(each * 31)).ToArray();
            await store.SetAsync("a", value);
            True(NotNull(await store.GetAsync("a")).Value.Span.SequenceEqual(value));
        }),
        Kv.Core("kv: a value that is too large is refused before any io", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.Clear();
            await Fails(FuryErrorCode.PayloadTooLarge, () => store.SetAsync("a", new byte[KvChecks.ValueBytesMax + 1]));
            Equal(0, run.Faults.Calls.Count);
        }),
        Kv.Core("kv: hostile keys are kept apart", Hostiles),
        Kv.Core("kv: partition and sort are not glued together", async run =>
        {
            var store = await run.KeyValue();
            await store.SetAsync(new KvKey("a", "bc"), Bytes("1"));
            await store.SetAsync(new KvKey("ab", "c"), Bytes("2"));
            await store.SetAsync("abc", Bytes("3"));
            Equal("1", Text(NotNull(await store.GetAsync(new KvKey("a", "bc"))).Value));
            Equal("2", Text(NotNull(await store.GetAsync(new KvKey("ab", "c"))).Value));
            True(await store.GetAsync("a") is null);
        }),
        Kv.Core("kv: the caller's buffer may be used again after a write", async run =>
        {
            var store = await run.KeyValue();
            var buffer = Bytes("before");
            await store.SetAsync("a", buffer);
            buffer.AsSpan().Clear();
            Equal("before", Text(NotNull(await store.GetAsync("a")).Value));
        }),
        Kv.Core("kv: deleting tells whether there was something", async run =>
        {
            var store = await run.KeyValue();
            await store.SetAsync("a", Bytes("1"));
            True(await store.DeleteAsync("a"));
            True(!await store.DeleteAsync("a"));
            True(await store.GetAsync("a") is null);
        }),
        Kv.Core("kv: the etag is another one after every write", async run =>
        {
            var store = await run.KeyValue();
            var first = await store.SetAsync("a", Bytes("same"));
            var second = await store.SetAsync("a", Bytes("same"));
            True(first != second);
            Equal(second, NotNull(await store.GetAsync("a")).ETag);
        }),
        Kv.Probe(KeyValueCapabilities.Cas, "kv: what is there is not created again", async run =>
        {
            var store = await run.KeyValue();
            var first = await store.SetAsync("a", Bytes("1"), IfAbsent);
            var refused = await Fails(FuryErrorCode.AlreadyExists, () => store.SetAsync("a", Bytes("2"), IfAbsent));
            Equal(first, refused.CurrentETag);
            Equal("1", Text(NotNull(await store.GetAsync("a")).Value));
        }),
        Kv.Probe(KeyValueCapabilities.Cas, "kv: a stale etag is refused", async run =>
        {
            var store = await run.KeyValue();
            var stale = await store.SetAsync("a", Bytes("1"));
            var current = await store.SetAsync("a", Bytes("2"), If(stale));
            var refused = await Fails(FuryErrorCode.PreconditionFailed, () => store.SetAsync("a", Bytes("3"), If(stale)));
            Equal(current, refused.CurrentETag);
            Equal("2", Text(NotNull(await store.GetAsync("a")).Value));
        }),
        Kv.With(KeyValueCapabilities.Cas, "kv: an etag of what is gone is refused", async run =>
        {
            var store = await run.KeyValue();
            var tag = await store.SetAsync("a", Bytes("1"));
            await store.DeleteAsync("a");
            await Fails(FuryErrorCode.PreconditionFailed, () => store.SetAsync("a", Bytes("2"), If(tag)));
            True(await store.GetAsync("a") is null);
        }),
        Kv.With(KeyValueCapabilities.Cas, "kv: only what is there is overwritten if present is asked", async run =>
        {
            var store = await run.KeyValue();
            var present = new KvWriteOptions { Condition = WriteCondition.IfPresent };
            await Fails(FuryErrorCode.PreconditionFailed, () => store.SetAsync("a", Bytes("1"), present));
            True(await store.GetAsync("a") is null);
            await store.SetAsync("a", Bytes("1"));
            await store.SetAsync("a", Bytes("2"), present);
            Equal("2", Text(NotNull(await store.GetAsync("a")).Value));
        }),
        Kv.With(KeyValueCapabilities.Cas, "kv: try-set answers instead of throwing", async run =>
        {
            var store = await run.KeyValue();
            True((await store.TrySetAsync("a", Bytes("1"), IfAbsent)).Applied);
            var attempt = await store.TrySetAsync("a", Bytes("2"), IfAbsent);
            True(!attempt.Applied);
            Equal(NotNull(await store.GetAsync("a")).ETag, attempt.Current);
        }),
        Kv.With(KeyValueCapabilities.Cas, "kv: a stale delete is refused", async run =>
        {
            var store = await run.KeyValue();
            var stale = await store.SetAsync("a", Bytes("1"));
            var current = await store.SetAsync("a", Bytes("2"));
            await Fails(FuryErrorCode.PreconditionFailed, () => store.DeleteAsync("a", WriteCondition.IfMatch(stale)));
            True(await store.DeleteAsync("a", WriteCondition.IfMatch(current)));
        }),
        Kv.With(KeyValueCapabilities.Cas, "kv: increments add up and begin at zero", async run =>
        {
            var store = await run.KeyValue();
            Equal(5L, await store.IncrementAsync("n", 5));
            Equal(3L, await store.IncrementAsync("n", -2));
            Equal("3", Text(NotNull(await store.GetAsync("n")).Value));
        }),
        Kv.With(KeyValueCapabilities.Cas, "kv: nothing is added to what is no number", async run =>
        {
            var store = await run.KeyValue();
            await store.SetAsync("n", Bytes("word"));
            await Fails(FuryErrorCode.InvalidArgument, () => store.IncrementAsync("n"));
            await store.SetAsync("n", Bytes($"{long.MaxValue}"));
            await Fails(FuryErrorCode.InvalidArgument, () => store.IncrementAsync("n"));
            Equal($"{long.MaxValue}", Text(NotNull(await store.GetAsync("n")).Value));
        }),
        Kv.With(KeyValueCapabilities.TimeToLive, "kv: it expires at its time and not before", async run =>
        {
            var store = await run.KeyValue();
            await store.SetAsync("a", Bytes("1"), For(2));
            await run.Advance(TimeSpan.FromSeconds(1));
            True(await store.GetAsync("a") is not null);
            await run.Advance(TimeSpan.FromSeconds(1.1));
            True(await store.GetAsync("a") is null);
            True(!await store.DeleteAsync("a"));
        }),
        Kv.With(KeyValueCapabilities.TimeToLive, "kv: a write without time to live stays", async run =>
        {
            var store = await run.KeyValue();
            await store.SetAsync("a", Bytes("1"), For(1));
            await store.SetAsync("a", Bytes("2"));
            await run.Advance(TimeSpan.FromSeconds(1.2));
            Equal("2", Text(NotNull(await store.GetAsync("a")).Value));
        }),
        Kv.With([KeyValueCapabilities.TimeToLive, KeyValueCapabilities.Cas], "kv: what has expired can be created and not matched", async run =>
        {
            var store = await run.KeyValue();
            var tag = await store.SetAsync("a", Bytes("1"), For(1));
            await run.Advance(TimeSpan.FromSeconds(1.1));
            await Fails(FuryErrorCode.PreconditionFailed, () => store.SetAsync("a", Bytes("2"), If(tag)));
            await store.SetAsync("a", Bytes("3"), IfAbsent);
            Equal("3", Text(NotNull(await store.GetAsync("a")).Value));
        }),
        Kv.With([KeyValueCapabilities.TimeToLive, KeyValueCapabilities.Cas], "kv: a touch gives more time and keeps the value", async run =>
        {
            var store = await run.KeyValue();
            True(!await store.TouchAsync("a", TimeSpan.FromSeconds(5)));
            await store.SetAsync("a", Bytes("1"), For(1));
            True(await store.TouchAsync("a", TimeSpan.FromSeconds(30)));
            await run.Advance(TimeSpan.FromSeconds(1.2));
            Equal("1", Text(NotNull(await store.GetAsync("a")).Value));
        }),
        Kv.With(KeyValueCapabilities.Cas, "kv: an older fence is refused", Fenced),
    ];

    private static KvWriteOptions IfAbsent => new() { Condition = WriteCondition.IfAbsent };

    private static KvWriteOptions If(ETag tag) => new() { Condition = WriteCondition.IfMatch(tag) };

    private static KvWriteOptions For(double seconds) => new() { TimeToLive = TimeSpan.FromSeconds(seconds) };

    private static async Task Written(ConformanceRun run)
    {
        var store = await run.KeyValue();
        var tag = await store.SetAsync(new KvKey("p", "s"), Bytes("value"));
        var entry = NotNull(await store.GetAsync(new KvKey("p", "s")));
        Equal("value", Text(entry.Value));
        Equal(tag, entry.ETag);
        True(entry.ExpiresAt is null);
    }

    private static async Task Hostiles(ConformanceRun run)
    {
        var store = await run.KeyValue();
        foreach (var key in Hostile.Keys)
        {
            await store.SetAsync(new KvKey(key, key), Bytes(key));
        }

        foreach (var key in Hostile.Keys)
        {
            Equal(key, Text(NotNull(await store.GetAsync(new KvKey(key, key))).Value));
        }
    }

    private static async Task Fenced(ConformanceRun run)
    {
        var store = await run.KeyValue();
        var late = new FixedLease(1);
        await store.SetAsync("a", Bytes("2"), new KvWriteOptions { Fence = new FixedLease(2) });
        await Fails(FuryErrorCode.FencedOff, () => store.SetAsync("a", Bytes("1"), new KvWriteOptions { Fence = late }));
        await Fails(FuryErrorCode.FencedOff, () => store.IncrementAsync("a", 1, new KvWriteOptions { Fence = late }));
        await store.SetAsync("a", Bytes("3"), new KvWriteOptions { Fence = new FixedLease(2) });
        Equal("3", Text(NotNull(await store.GetAsync("a")).Value));
    }
}
