using Fury.Sdk.Drivers;

namespace Fury.Sdk.KeyValue;

/// <summary>Transactions: looks at what has a condition, then writes all of it guarded by what was seen.</summary>
internal static class KvTransactions
{
    private static readonly Operation Transact = new("transact", Effect.Recognised);

    public static async Task<IReadOnlyList<ETag?>> Run(
        ServiceChannel<IKeyValueDriver> channel, IReadOnlyList<KvOperation> operations, CancellationToken cancellation) =>
        await channel.Invoke(
            Transact,
            null,
            (operations, Id: Guid.CreateVersion7(channel.Clock.GetUtcNow()), channel.Clock),
            static (driver, call, state, stop) => Attempt(driver, call, state.operations, state.Id, state.Clock, stop),
            cancellation);

    private static async ValueTask<IReadOnlyList<ETag?>> Attempt(
        IKeyValueDriver driver, Call call, IReadOnlyList<KvOperation> operations, Guid id, TimeProvider clock, CancellationToken cancellation)
    {
        if (call.MayHaveWritten)
        {
            return await Recognise(driver, operations, id, cancellation) ?? throw new FuryException(
                FuryErrorCode.Unavailable, "The answer was lost, and whether the transaction has happened cannot be seen any more.")
            {
                OutcomeUnknown = true,
            };
        }

        for (var round = 1; ; round++)
        {
            var now = clock.GetUtcNow();
            var steps = new KvStep[operations.Count];
            var envelopes = new KvEnvelope[operations.Count];
            for (var index = 0; index < steps.Length; index++)
            {
                (steps[index], envelopes[index]) = await Step(driver, operations[index], id, now, cancellation);
            }

            if (await driver.TransactAsync(steps, cancellation) is { } revisions)
            {
                return [.. revisions.Select((revision, index) => revision is null ? (ETag?)null : KvRevisions.Tag(revision, envelopes[index]))];
            }

            if (round == KvWriting.RoundsMax)
            {
                throw Failure.Contended($"The partition '{operations[0].Key.Partition}'", round);
            }

            await KvWriter.Backoff(round, clock, cancellation);
        }
    }

    private static async Task<(KvStep Step, KvEnvelope Envelope)> Step(
        IKeyValueDriver driver, KvOperation operation, Guid id, DateTimeOffset now, CancellationToken cancellation)
    {
        var expires = (operation as KvPut)?.TimeToLive is { } life ? (now + life).ToUnixTimeMilliseconds() : 0;
        var wish = new KvWish(id, operation.Key, operation.Condition, 0, null);
        KvItem? there = null;
        KvEnvelope envelope = default;
        if (operation.Condition.Rule != WriteRule.None)
        {
            there = await driver.GetAsync(operation.Key, ReadConsistency.Strong, cancellation);
            envelope = there is { } item ? KvEnvelope.Read(item.Value.Span) : default;
            if (KvWriting.Refuse(wish, there, envelope, now) is { } refusal)
            {
                throw refusal;
            }
        }

        var guard = operation.Condition.Rule == WriteRule.None ? KvGuard.None : KvWriting.GuardOver(there);
        var next = new KvEnvelope(id, Math.Max(envelope.Version + 1, now.ToUnixTimeMilliseconds() * 1000), expires, envelope.Fence);
        return (operation switch
        {
            KvPut put => new KvStep(KvStepKind.Put, put.Key, next.Wrap(put.Value.Span), guard, next.ExpiresAt),
            KvDelete => new KvStep(KvStepKind.Delete, operation.Key, default, guard, null),
            _ => new KvStep(KvStepKind.Check, operation.Key, default, guard, null),
        }, next);
    }

    /// <summary>The revisions, if what one of its puts has written is there; else null.</summary>
    private static async Task<IReadOnlyList<ETag?>?> Recognise(
        IKeyValueDriver driver, IReadOnlyList<KvOperation> operations, Guid id, CancellationToken cancellation)
    {
        var found = false;
        var tags = new ETag?[operations.Count];
        for (var index = 0; index < tags.Length; index++)
        {
            if (operations[index] is KvPut put && await driver.GetAsync(put.Key, ReadConsistency.Strong, cancellation) is { } item)
            {
                var envelope = KvEnvelope.Read(item.Value.Span);
                found |= envelope.WriteId == id;
                tags[index] = KvRevisions.Tag(item.Revision, envelope);
            }
        }

        return found ? tags : null;
    }
}
