using Fury.Sdk.KeyValue;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Faults;

internal static class KeyValueFaults
{
    private static readonly Section Kv = new(ServiceKind.KeyValue, ConformanceLevel.Faults);
    private static readonly KvWriteOptions IfAbsent = new() { Condition = WriteCondition.IfAbsent };

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Kv.Core("faults: a broken connection before sending is tried again", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.On(operation: "WriteAsync").CutBeforeSend();
            await store.SetAsync("a", Bytes("1"));
            Equal("1", Text(NotNull(await store.GetAsync("a")).Value));
        }),
        Kv.With(KeyValueCapabilities.Cas, "faults: a lost answer to a create is a success", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.On(operation: "WriteAsync").CutAfterSend();
            var tag = await store.SetAsync("a", Bytes("1"), IfAbsent);
            Equal(tag, NotNull(await store.GetAsync("a")).ETag);
        }),
        Kv.With(KeyValueCapabilities.Cas, "faults: a lost answer to a swap is a success", async run =>
        {
            var store = await run.KeyValue();
            var first = await store.SetAsync("a", Bytes("1"));
            run.Faults.On(operation: "WriteAsync").CutAfterSend();
            var second = await store.SetAsync("a", Bytes("2"), new KvWriteOptions { Condition = WriteCondition.IfMatch(first) });
            Equal((second, "2"), (NotNull(await store.GetAsync("a")).ETag, Text(NotNull(await store.GetAsync("a")).Value)));
        }),
        Kv.With(KeyValueCapabilities.Cas, "faults: a lost answer to an increment counts once", async run =>
        {
            var store = await run.KeyValue();
            await store.IncrementAsync("n");
            run.Faults.On(operation: "WriteAsync").CutAfterSend();
            Equal(2L, await store.IncrementAsync("n"));
            Equal("2", Text(NotNull(await store.GetAsync("n")).Value));
        }),
        Kv.With(KeyValueCapabilities.Cas, "faults: a request that was lost is sent again and counts once", async run =>
        {
            var store = await run.KeyValue();
            await store.IncrementAsync("n");
            run.Faults.On(operation: "WriteAsync").CutUnknown();
            Equal(2L, await store.IncrementAsync("n"));
        }),
        Kv.With(KeyValueCapabilities.Cas, "faults: a lost answer to a create that others have deleted is unknown", async run =>
        {
            var store = await run.KeyValue();
            var other = await run.KeyValue();
            run.Faults.On(operation: "WriteAsync").Do(async (_, next) =>
            {
                await next();
                await other.DeleteAsync("a");
                throw new FuryException(FuryErrorCode.Unavailable, "lost") { IsTransient = true, OutcomeUnknown = true };
            });
            True((await Fails(FuryErrorCode.Unavailable, () => store.SetAsync("a", Bytes("1"), IfAbsent))).OutcomeUnknown);
            True(await store.GetAsync("a") is null);
        }),
        Kv.With(KeyValueCapabilities.Cas, "faults: a lost answer that others wrote over is unknown", async run =>
        {
            var store = await run.KeyValue();
            await store.IncrementAsync("n");
            var other = await run.KeyValue();
            run.Faults.On(operation: "WriteAsync").Do(async (_, next) =>
            {
                await next();
                await other.SetAsync("n", Bytes("100"));
                throw new FuryException(FuryErrorCode.Unavailable, "lost") { IsTransient = true, OutcomeUnknown = true };
            });
            True((await Fails(FuryErrorCode.Unavailable, () => store.IncrementAsync("n"))).OutcomeUnknown);
        }),
        Kv.With(KeyValueCapabilities.PartitionTransaction, "faults: a lost answer to a transaction is a success", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.On(operation: "TransactAsync").CutAfterSend();
            var tags = await store.TransactAsync([new KvPut("p", Bytes("1"), WriteCondition.IfAbsent)]);
            Equal(tags[0], NotNull(await store.GetAsync("p")).ETag);
        }),
        Kv.Core("faults: a write that is never answered says so", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.On(operation: "WriteAsync").Always().CutUnknown();
            var failure = await Fails(FuryErrorCode.Unavailable, () => store.SetAsync("a", Bytes("1")));
            True(failure.OutcomeUnknown && failure.IsTransient);
            Equal(3, NotNull(failure.Call).Attempts);
        }),
        Kv.Core("faults: a write that was never sent says so", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.On(operation: "WriteAsync").Always().CutBeforeSend();
            True(!(await Fails(FuryErrorCode.Unavailable, () => store.SetAsync("a", Bytes("1")))).OutcomeUnknown);
        }),
        Kv.Core("faults: a read has no unknown outcome", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.On(operation: "GetAsync").Always().CutUnknown();
            True(!(await Fails(FuryErrorCode.Unavailable, () => store.GetAsync("a").AsTask())).OutcomeUnknown);
        }),
        Kv.Core("faults: what is no use is not tried again", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.Clear();
            run.Faults.On(operation: "GetAsync").Always().Throw(new FuryException(FuryErrorCode.PermissionDenied, "no"));
            await Fails(FuryErrorCode.PermissionDenied, () => store.GetAsync("a").AsTask());
            Equal(1, run.Faults.Calls.Count);
        }),
        Kv.Core("faults: a provider that does not answer is given up in time", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.On(operation: "GetAsync").Always().Stall();
            var options = new CallOptions { Timeout = TimeSpan.FromMilliseconds(300) };
            await Fails(FuryErrorCode.Timeout, () => store.GetAsync("a", options).AsTask());
        }),
        Kv.Core("faults: a driver that does not notice is given up in time", async run =>
        {
            var store = await run.KeyValue();
            var never = new TaskCompletionSource<object?>();
            run.Faults.On(operation: "GetAsync").Always().Do((_, _) => new ValueTask<object?>(never.Task));
            var options = new CallOptions { Timeout = TimeSpan.FromMilliseconds(300) };
            await Fails(FuryErrorCode.Timeout, () => store.GetAsync("a", options).AsTask());
        }),
        Kv.Core("faults: a write that is not answered in time is unknown", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.On(operation: "WriteAsync").Always().Stall();
            var options = new KvWriteOptions { Timeout = TimeSpan.FromMilliseconds(300) };
            True((await Fails(FuryErrorCode.Timeout, () => store.SetAsync("a", Bytes("1"), options))).OutcomeUnknown);
        }),
        Kv.Core("faults: retries are a bounded share of calls", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.Clear();
            run.Faults.On(operation: "GetAsync").Always().Throttle();
            for (var call = 0; call < 200; call++)
            {
                await Fails(FuryErrorCode.Throttled, () => store.GetAsync("a").AsTask());
            }

            True(run.Faults.Calls.Count is > 200 and <= 230);
        }),
        Kv.Core("faults: a sick provider is left alone for a while", async run =>
        {
            var store = await run.KeyValue();
            run.Faults.On(operation: "GetAsync").Always().CutBeforeSend();
            for (var call = 0; call < 40; call++)
            {
                await Fails(FuryErrorCode.Unavailable, () => store.GetAsync("a").AsTask());
            }

            var asked = run.Faults.Calls.Count;
            await Fails(FuryErrorCode.Unavailable, () => store.GetAsync("a").AsTask());
            Equal(asked, run.Faults.Calls.Count);
            run.Faults.Clear();
            await run.Advance(TimeSpan.FromSeconds(2.5));
            True(await store.GetAsync("a") is null);
        }),
    ];
}
