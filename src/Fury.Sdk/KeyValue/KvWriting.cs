using Fury.Sdk.Drivers;

namespace Fury.Sdk.KeyValue;

/// <summary>What a write wants, decided on before the first attempt; its id is the same in all of them.</summary>
/// <param name="Fence">The token of the lock; 0: none.</param>
internal sealed record KvWish(Guid Id, KvKey Key, WriteCondition Condition, long Fence, DateTimeOffset? ExpiresAt)
{
    /// <summary>What was expected the last time, to tell after a lost answer whether anything has happened since.</summary>
    public KvGuard LastGuard { get; set; }
}

/// <summary>The decisions of conditional writes: pure functions of what was read and what is wanted.</summary>
internal static class KvWriting
{
    /// <summary>Contended so often in a row, a write gives up.</summary>
    public const int RoundsMax = 64;

    /// <summary>Whether it can be written without a look at what is there.</summary>
    public static bool NeedsLook(KvWish wish) => wish.Fence != 0 || wish.Condition.Rule == WriteRule.IfPresent
        || (wish.Condition.Rule == WriteRule.IfMatch && KvRevisions.NamesWrite(wish.Condition.Match.Value));

    /// <summary>Why it must not be written over what is there; null when it may.</summary>
    public static FuryException? Refuse(KvWish wish, KvItem? there, KvEnvelope envelope, DateTimeOffset now)
    {
        var live = there is not null && envelope.IsLive(now);
        ETag? tag = live ? KvRevisions.Tag(there!.Value.Revision, envelope) : null;
        var holds = wish.Condition.Rule switch
        {
            WriteRule.IfAbsent => !live,
            WriteRule.IfPresent => live,
            WriteRule.IfMatch => live && KvRevisions.Matches(wish.Condition.Match, there!.Value.Revision, envelope),
            _ => true,
        };
        return !holds ? Failure.Condition(wish.Condition, tag)
            : wish.Fence != 0 && there is not null && envelope.Fence > wish.Fence ? Failure.Fenced(wish.Fence, envelope.Fence)
            : null;
    }

    /// <summary>What the provider is asked to compare, so that nothing comes between the look and the write.</summary>
    public static KvGuard GuardOver(KvItem? there) => there is { } item ? KvGuard.At(item.Revision) : KvGuard.Absent;

    /// <summary>What the provider is asked to compare when nothing was looked at; null when it cannot hold.</summary>
    public static KvGuard? GuardFor(WriteCondition condition, DateTimeOffset now) => condition.Rule switch
    {
        WriteRule.IfAbsent => KvGuard.Absent,
        WriteRule.IfMatch => KvRevisions.Guard(condition.Match, now),
        _ => KvGuard.None,
    };

    /// <summary>
    /// After a lost answer: whether it is known that nothing was written. It is when the entry that was expected then is still there. What else is there
    /// may have come before ours or after it; and where nothing was expected and nothing is there, ours may have come and been deleted.
    /// </summary>
    public static bool IsUntouched(KvWish wish, KvItem? there) => there is { } item && !wish.LastGuard.IsNone && wish.LastGuard.Allows(item.Revision);
}
