using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;
using Fury.Sdk.Testing;

namespace Fury.Services.Tests.Attesting;

/// <summary>Providers that say that they can what they cannot, of all kinds but stores.</summary>
public enum Liar
{
    LockOfMany,
    LockWhoseCountersStay,
    LockRenewedByAnybody,
    NumbersGivenTwice,
    CacheWithoutTags,
    CacheThatTellsNothing,
    QueueWithoutOrder,
    QueueWithDuplicates,
    QueueWithoutDelay,
    QueueWhoseLeasesStay,
    QueueThatForgetsReasons,
    QueueThatCountsNothing,
    GroupOfMany,
    GroupThatHearsWhoWasOvertaken,
}

internal static class ServiceLiars
{
    public static (Sdk.ServiceKind Kind, string Capability) Of(Liar liar) => liar switch
    {
        Liar.LockOfMany or Liar.LockWhoseCountersStay => (Sdk.ServiceKind.Locks, "locks.fencing"),
        Liar.LockRenewedByAnybody => (Sdk.ServiceKind.Locks, "locks.renew"),
        Liar.NumbersGivenTwice => (Sdk.ServiceKind.Sequences, "sequences.range"),
        Liar.CacheWithoutTags => (Sdk.ServiceKind.Cache, "cache.tags"),
        Liar.CacheThatTellsNothing => (Sdk.ServiceKind.Cache, "cache.push-invalidation"),
        Liar.QueueWithoutOrder => (Sdk.ServiceKind.Queue, "queue.ordering-key"),
        Liar.QueueWithDuplicates => (Sdk.ServiceKind.Queue, "queue.deduplication"),
        Liar.QueueWithoutDelay => (Sdk.ServiceKind.Queue, "queue.delay"),
        Liar.QueueWhoseLeasesStay => (Sdk.ServiceKind.Queue, "queue.lease-renew"),
        Liar.QueueThatForgetsReasons => (Sdk.ServiceKind.Queue, "queue.redrive"),
        Liar.QueueThatCountsNothing => (Sdk.ServiceKind.Queue, "queue.depth"),
        _ => (Sdk.ServiceKind.Stream, "stream.groups"),
    };

    public static IDriver Around(IDriver honest, Liar liar) => InterceptedDriver.Wrap(honest, "carts", async (call, next) =>
    {
        switch (liar, call.Operation)
        {
            case (Liar.LockOfMany, nameof(ILockDriver.TryAcquireAsync)):
                return await next() ?? new LockGrant(1, TimeProvider.System.GetUtcNow().AddMinutes(1));
            case (Liar.LockWhoseCountersStay, nameof(ILockDriver.TryAcquireAsync)):
                return await next() is LockGrant grant ? grant with { Counter = 7 } : null;
            case (Liar.LockRenewedByAnybody, nameof(ILockDriver.RenewAsync)):
                return await next() ?? TimeProvider.System.GetUtcNow().AddMinutes(1);
            case (Liar.NumbersGivenTwice, nameof(ISequenceDriver.ReserveAsync)):
                return (long)(await next())! / 2;
            case (Liar.CacheWithoutTags, nameof(ICacheDriver.RemoveByTagAsync)):
            case (Liar.CacheThatTellsNothing, nameof(ICacheDriver.RemoveAsync)):
                return null;
            case (Liar.QueueWithoutOrder or Liar.QueueWithDuplicates or Liar.QueueWithoutDelay, nameof(IQueueDriver.SendAsync)):
                var message = (DriverMessage)call.Arguments[0]!;
                call.Arguments[0] = liar switch
                {
                    Liar.QueueWithoutOrder => message with { OrderingKey = null },
                    Liar.QueueWithDuplicates => message with { DeduplicationId = null },
                    _ => message with { Delay = TimeSpan.Zero },
                };
                return await next();
            case (Liar.QueueWhoseLeasesStay, nameof(IQueueDriver.RenewAsync)):
                return TimeProvider.System.GetUtcNow();
            case (Liar.QueueThatForgetsReasons, nameof(IQueueDriver.DeadLetterAsync)):
                call.Arguments[1] = "";
                return await next();
            case (Liar.QueueThatCountsNothing, nameof(IQueueDriver.GetDepthAsync)):
                return await next() is QueueDepth depth ? depth with { Leased = null } : null;
            case (Liar.GroupOfMany, nameof(IStreamDriver.ClaimAsync)):
                return await next() ?? new PartitionClaim(1, default);
            case (Liar.GroupThatHearsWhoWasOvertaken, nameof(IStreamDriver.CheckpointAsync)):
                await next();
                return true;
            default:
                return await next();
        }
    });
}
