using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Moving;

/// <summary>The two buckets, and the steps from one to the other.</summary>
/// <param name="move">The name of the move, which tells what it has written from what earlier ones have.</param>
internal sealed class ObjectPair(string move, IObjectDriver source, IObjectDriver target, TimeProvider clock)
{
    public string Move { get; } = move;

    public IObjectDriver Source { get; } = source;

    public IObjectDriver Target { get; } = target;

    public TimeProvider Clock { get; } = clock;

    public static async ValueTask<ObjectRecord> Look(IObjectDriver bucket, string key, CancellationToken cancellation) =>
        ObjectRecord.Of(await bucket.Ask(each => each.HeadAsync(key, cancellation), isWrite: false, cancellation));

    /// <summary>Puts what stands for no object over what was seen.</summary>
    /// <param name="isWrite">As for <see cref="Sides"/>.</param>
    public static async ValueTask<ObjectRecord?> PutNothing(
        IObjectDriver bucket, string key, ObjectHeaders headers, ObjectRecord over, bool isWrite, CancellationToken cancellation)
    {
        var bytes = ObjectRecord.Nothing();
        var hash = System.Security.Cryptography.SHA256.HashData(bytes);
        return Put(await bucket.Ask(each => each.PutAsync(key, bytes, headers, hash, over.Condition, cancellation), isWrite, cancellation));
    }

    /// <summary>One move that looks or hands over. False: something else was there than was seen, and nothing is known of the key any more.</summary>
    public async ValueTask<bool> Do(HandOffMove step, string key, MovingObjectKey at, CancellationToken cancellation)
    {
        var (here, there) = (at.Source.GetValueOrDefault(), at.Target.GetValueOrDefault());
        switch (step)
        {
            case HandOffMove.LookAtSource:
                at.Found(await Look(Source, key, cancellation));
                return true;
            case HandOffMove.LookAtTarget:
                at.Target = await Look(Target, key, cancellation);
                return true;
            case HandOffMove.CopyToTarget:
                at.Target = await Bring(Source, here, Target, key, there, null, ObjectEnvelope.Deleted, cancellation);
                break;
            case HandOffMove.FreezeTarget:
                at.Target = await Bring(Target, there, Target, key, there, ObjectEnvelope.Frozen, ObjectEnvelope.FrozenDeleted, cancellation);
                break;
            case HandOffMove.MarkSource:
                at.Source = await Mark(key, here, there, cancellation);
                break;
            case HandOffMove.RestoreSource:
                at.Source = await Bring(Target, there, Source, key, here, null, ObjectEnvelope.Deleted, cancellation);
                break;
            default:
                throw new FuryException(FuryErrorCode.Internal, $"{step} is no step of a hand-off.");
        }

        if (at is { Source: not null, Target: not null })
        {
            return true;
        }

        at.Forget();
        return false;
    }

    private async ValueTask<ObjectRecord?> Mark(string key, ObjectRecord here, ObjectRecord there, CancellationToken cancellation)
    {
        // Where an ETag is by content, a write of the same bytes is not told from the one before: so late a look leaves it little time.
        if (here.HasValue && !Source.Declared.Has(ObjectCapabilities.UniqueETag) && (await Look(Source, key, cancellation)).Seen != here.Seen)
        {
            return null;
        }

        var headers = ObjectRecord.NothingHeaders(ObjectEnvelope.Moved, here.Seen.Write, here.HasValue ? there.Sha256 : default);
        return await PutNothing(Source, key, headers, here, isWrite: false, cancellation);
    }

    /// <summary>A copy of what was seen over what was seen there; null when one of the two is another by now.</summary>
    private async ValueTask<ObjectRecord?> Bring(
        IObjectDriver from, ObjectRecord seen, IObjectDriver to, string key, ObjectRecord over, string? form, string formOfNothing,
        CancellationToken cancellation)
    {
        if (!seen.HasValue)
        {
            return await PutNothing(to, key, ObjectRecord.NothingHeaders(formOfNothing, seen.Seen.Write), over, isWrite: false, cancellation);
        }

        var tag = seen.Stored!.ETag;
        var sha256 = seen.Sha256;
        if (sha256.IsEmpty && (sha256 = await ObjectTransfer.Hash(from, key, tag, cancellation)).IsEmpty)
        {
            return null;
        }

        await using var opened = await from.Ask(each => each.OpenAsync(key, 0, null, cancellation), isWrite: false, cancellation);
        return opened is null || opened.Properties.ETag != tag
            ? null
            : Put(await ObjectTransfer.Write(
                from, opened, to, key, seen.Copied(Move, sha256, form), sha256, over.Condition, isWrite: false, Clock, cancellation));
    }

    private static ObjectRecord? Put(ObjectPut put) => put is { Applied: true, Properties: { } written } ? ObjectRecord.Of(written) : null;
}
