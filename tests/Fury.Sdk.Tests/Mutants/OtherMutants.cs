using Fury.Sdk.Drivers;
using Fury.Sdk.Streams;
using static Fury.Sdk.Tests.Mutants.Mutant;

namespace Fury.Sdk.Tests.Mutants;

/// <summary>Queues, locks, sequences, secrets, caches and streams that lie.</summary>
internal static class OtherMutants
{
    private static readonly DateTimeOffset FarAway = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static IEnumerable<Mutant> All =>
    [
        Sending("queue forgets delays", "queue: a delayed message is not early", message => message with { Delay = TimeSpan.Zero }),
        Sending("queue forgets ordering keys", "queue: of one key one message is out, in order", message => message with { OrderingKey = null }),
        Sending("queue drops nothing twice", "queue: a second message of one id is dropped", message => message with { DeduplicationId = null }),
        Sending("queue lowers the case of headers", "queue: a message arrives with all that came with it", message => message with
        {
            Headers = message.Headers.ToDictionary(each => each.Key.ToLowerInvariant(), each => each.Value),
        }),
        Giving("queue counts no deliveries", "queue: a message that is not settled comes back", delivery => delivery with { DeliveryCount = 1 }),
        Giving("queue forgets why letters are dead", "queue: a dead letter keeps what it was and why", delivery => delivery with
        {
            DeadLetterReason = null,
        }),
        Asking("queue leases for no time", nameof(IQueueDriver.ReceiveAsync), "queue: a leased message is nobody else's", arguments =>
            arguments[2] = TimeSpan.Zero),
        Asking("queue brings abandoned ones back at once", nameof(IQueueDriver.AbandonAsync), "queue: an abandoned message comes back when it should",
            arguments => arguments[2] = TimeSpan.Zero),
        Lazy("queue completes nothing", nameof(IQueueDriver.CompleteAsync), "queue: a completed message is gone", _ => null),
        Lazy("queue renews nothing", nameof(IQueueDriver.RenewAsync), "queue: a renewed lease holds", _ => FarAway),
        new Mutant("queue settles for whoever was late", "queue: settling after the lease is refused", () => async (call, next) =>
        {
            try
            {
                return await next();
            }
            catch (FuryException late) when (late.Code == FuryErrorCode.LeaseLost)
            {
                return null;
            }
        }),
        Answering("locks give one token", nameof(ILockDriver.TryAcquireAsync), "locks: tokens grow with each holder", (answer, _) =>
            answer is LockGrant grant ? grant with { Counter = 1 } : null),
        Lazy("locks are given to everyone", nameof(ILockDriver.TryAcquireAsync), "locks: a held lock is nobody else's", _ => new LockGrant(1, FarAway)),
        Lazy("locks are never released", nameof(ILockDriver.ReleaseAsync), "locks: a released lock is free", _ => null),
        Asking("sequences reserve one number", nameof(ISequenceDriver.ReserveAsync), "sequences: ranges do not overlap", arguments => arguments[1] = 1L),
        Answering("sequences begin again", nameof(ISequenceDriver.ReserveAsync), "races: no number is given twice", (answer, _) => (long)answer! % 100),
        Asking("secrets ignore the version", nameof(ISecretDriver.GetAsync), "secrets: versions never change and the newest is given", arguments =>
            arguments[1] = null),
        new Mutant("secrets ignore associated data", "secrets: only the same key and data decrypt", () => (call, next) =>
        {
            if (call.Operation is nameof(ISecretDriver.EncryptAsync) or nameof(ISecretDriver.DecryptAsync))
            {
                call.Arguments[2] = ReadOnlyMemory<byte>.Empty;
            }

            return next();
        }),
        Lazy("cache ignores tags", nameof(ICacheDriver.RemoveByTagAsync), "cache: a tag removes what carries it", _ => null),
        Asking("cache keeps counters", nameof(ICacheDriver.IncrementAsync), "cache: counters add up and are over at their time", arguments =>
            arguments[2] = TimeSpan.FromDays(1)),
        Lazy("stream keeps no checkpoint", nameof(IStreamDriver.CheckpointAsync), "stream: a group goes on at its checkpoint", _ => true),
        new Mutant("stream scatters a key", "stream: records of a key stay in order", () => async (call, next) =>
        {
            if (call.Arguments is [StreamAppend record, ..])
            {
                call.Arguments[0] = record with { Key = $"{Convert.ToHexString(record.Body.Span)}|{record.Key}" };
            }

            return await next() switch
            {
                IReadOnlyList<StreamRecord> records => records.Select(each => each with { Key = each.Key.Split('|')[1] }).ToList(),
                var other => other,
            };
        }),
        Asking("stream reads everything again", nameof(IStreamDriver.ReadAsync), "stream: reading goes on after a position", arguments =>
            arguments[1] = StreamPosition.Earliest),
    ];
}
