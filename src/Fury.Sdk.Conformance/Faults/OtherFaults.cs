using Fury.Sdk.Coordination;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;
using static Fury.Sdk.Conformance.Contract.QueueContract;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Faults;

internal static class OtherFaults
{
    public static IEnumerable<ConformanceTest> Tests =>
    [
        Of(ServiceKind.Queue, "faults: a send of unknown outcome is not repeated", [], async run =>
        {
            var queue = await run.Queue();
            run.Faults.On(operation: "SendAsync").CutAfterSend();
            True((await Fails(FuryErrorCode.Unavailable, () => queue.SendAsync(new OutgoingMessage(Bytes("1"))))).OutcomeUnknown);
            NotNull(await One(queue));
            True(await One(queue) is null);
        }),
        Of(ServiceKind.Queue, "faults: a send under an id is repeated and arrives once", [MessagingCapabilities.Deduplication], async run =>
        {
            var queue = await run.Queue();
            run.Faults.On(operation: "SendAsync").CutAfterSend();
            await queue.SendAsync(new OutgoingMessage(Bytes("1")) { DeduplicationId = "d" });
            NotNull(await One(queue));
            True(await One(queue) is null);
        }),
        Of(ServiceKind.Queue, "faults: a lost answer to a completion is no completion of another", [], async run =>
        {
            var queue = await Sent(run, "1");
            var message = NotNull(await One(queue));
            run.Faults.On(operation: "CompleteAsync").CutAfterSend();
            True((await Fails(FuryErrorCode.LeaseLost, () => message.CompleteAsync())).OutcomeUnknown);
            await run.Advance(TimeSpan.FromSeconds(2.2));
            True(await One(queue) is null);
        }),
        Of(ServiceKind.Objects, "faults: a lost answer to a create of an object is a success", [ObjectCapabilities.ConditionalCreate], async run =>
        {
            var bucket = await run.Objects();
            run.Faults.On(operation: "PutAsync").CutAfterSend();
            var written = await bucket.WriteAsync("a", Bytes("1"), new ObjectWriteOptions { Condition = WriteCondition.IfAbsent });
            Equal(written.ETag, NotNull(await bucket.GetPropertiesAsync("a")).ETag);
        }),
        Of(ServiceKind.Objects, "faults: a lost part is sent again", [], async run =>
        {
            var bucket = await run.Objects();
            run.Faults.On(operation: "UploadPartAsync").Nth(2).CutAfterSend();
            var content = new byte[(2 * ObjectParts.First) + 1];
            new Random(3).NextBytes(content);
            using var stream = new MemoryStream(content);
            await bucket.WriteAsync("a", stream);
            True(NotNull(await bucket.ReadBytesAsync("a")).AsSpan().SequenceEqual(content));
        }),
        Of(ServiceKind.Objects, "faults: content that was changed on its way is refused", [ObjectCapabilities.Checksum], async run =>
        {
            var bucket = await run.Objects();
            await bucket.WriteAsync("a", Bytes("hello"));
            run.Faults.On(operation: "OpenAsync").Do(async (_, next) =>
                (Drivers.DriverObject)(await next())! with { Content = new MemoryStream(Bytes("hullo")) });
            await Fails(FuryErrorCode.Corrupted, () => bucket.ReadBytesAsync("a"));
            run.Faults.On(operation: "OpenAsync").Do(async (_, next) =>
                (Drivers.DriverObject)(await next())! with { Content = new MemoryStream(Bytes("hell")) });
            await Fails(FuryErrorCode.Corrupted, () => bucket.ReadBytesAsync("a"));
        }),
        Of(ServiceKind.Locks, "faults: a lost answer to an acquisition is held once", [], async run =>
        {
            var (locks, other) = (await run.Locks(), await run.Locks());
            run.Faults.On(operation: "TryAcquireAsync").CutAfterSend();
            await using var lease = NotNull(await locks.TryAcquireAsync("a", new LockOptions { AutoRenew = false }));
            True(await other.TryAcquireAsync("a", new LockOptions { AutoRenew = false }) is null);
        }),
        Of(ServiceKind.Locks, "faults: a holder that cannot renew is told before it is over", [CoordinationCapabilities.Renew], async run =>
        {
            var locks = await run.Locks();
            await using var lease = NotNull(await locks.TryAcquireAsync("a", new LockOptions { Lease = TimeSpan.FromSeconds(3) }));
            run.Faults.On(operation: "RenewAsync").Always().CutBeforeSend();
            for (var step = 0; step < 11 && !lease.Lost.IsCancellationRequested; step++)
            {
                await run.Advance(TimeSpan.FromSeconds(0.25));
            }

            True(lease.Lost.IsCancellationRequested);
            True(run.Clock.GetUtcNow() <= lease.ExpiresAt);
        }),
        Of(ServiceKind.Sequences, "faults: a lost answer to a number gives another", [], async run =>
        {
            var sequences = await run.Sequences();
            var first = await sequences.NextAsync("a");
            run.Faults.On(operation: "ReserveAsync").CutAfterSend();
            True(await sequences.NextAsync("a") > first);
        }),
    ];

    private static ConformanceTest Of(ServiceKind kind, string name, Capability[] requires, Func<ConformanceRun, Task> body) =>
        new(name, kind, ConformanceLevel.Faults, requires, body);
}
