using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Resilience;

namespace Fury.Sdk.KeyValue;

/// <summary>One attempt of a write: looks where it must, writes guarded, and recognises its own write after a lost answer.</summary>
internal static class KvWriter
{
    /// <param name="value">Makes the value from what is there (null: nothing that lives).</param>
    public static async ValueTask<KvEntry> Write(
        IKeyValueDriver driver, Call call, KvWish wish, Func<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>> value, bool mustLook, TimeProvider clock,
        CancellationToken cancellation)
    {
        var look = mustLook || call.MayHaveWritten;
        for (var round = 1; ; round++)
        {
            var now = clock.GetUtcNow();
            KvItem? there = null;
            KvEnvelope envelope = default;
            if (look)
            {
                there = await driver.GetAsync(wish.Key, ReadConsistency.Strong, cancellation);
                envelope = there is { } item ? KvEnvelope.Read(item.Value.Span) : default;
                if (there is { } ours && envelope.WriteId == wish.Id)
                {
                    return Entry(ours, envelope);
                }

                if (KvWriting.Refuse(wish, there, envelope, now) is { } refusal)
                {
                    throw refusal;
                }

                if (call.MayHaveWritten && !wish.LastGuard.IsNone && !KvWriting.IsUntouched(wish, there))
                {
                    throw new FuryException(FuryErrorCode.Unavailable, "The answer was lost, and whether it was written cannot be told any more.")
                    {
                        OutcomeUnknown = true,
                    };
                }
            }

            var guard = look ? GuardAfterLook(wish, mustLook, there) : KvWriting.GuardFor(wish.Condition, now);
            if (guard is null)
            {
                throw Failure.Condition(wish.Condition, null);
            }

            // Not a bare null, which would become an empty value.
            var old = there is { } before && envelope.IsLive(now) ? before.Value[KvEnvelope.Size..] : (ReadOnlyMemory<byte>?)null;
            var next = new KvEnvelope(
                wish.Id,
                Math.Max(envelope.Version + 1, now.ToUnixTimeMilliseconds() * 1000),
                wish.ExpiresAt?.ToUnixTimeMilliseconds() ?? 0,
                Math.Max(wish.Fence, mustLook ? envelope.Fence : 0));
            var bytes = next.Wrap(value(old).Span);
            wish.LastGuard = guard.Value;
            var written = await driver.WriteAsync(new KvStep(KvStepKind.Put, wish.Key, bytes, guard.Value, wish.ExpiresAt), cancellation);
            if (written.Applied)
            {
                return Entry(new KvItem(wish.Key, bytes, written.Revision!), next);
            }

            if (round == KvWriting.RoundsMax)
            {
                throw Failure.Contended($"The key {Check.Show(wish.Key.ToString())}", round);
            }

            look = true;
            await Backoff(round, clock, cancellation);
        }
    }

    public static KvEntry Entry(KvItem item, KvEnvelope envelope) => new(
        item.Key, item.Value[KvEnvelope.Size..], KvRevisions.Tag(item.Revision, envelope), envelope.ExpiresAt);

    /// <summary>Others win now and then; the more often, the longer it stands back.</summary>
    public static Task Backoff(int round, TimeProvider clock, CancellationToken cancellation) => round <= 2
        ? Task.CompletedTask
        : Task.Delay(TimeSpan.FromMilliseconds(1 + (Jitter.Next() * Math.Min(round, 20))), clock, cancellation);

    /// <summary>A blind write that was looked at only because its answer was lost stays blind.</summary>
    private static KvGuard GuardAfterLook(KvWish wish, bool mustLook, KvItem? there) =>
        wish.Condition.Rule == WriteRule.None && !mustLook ? KvGuard.None : KvWriting.GuardOver(there);
}
