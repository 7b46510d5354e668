using Fury.Sdk.Bindings;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Moving;

/// <summary>Uploads in parts and listings.</summary>
internal sealed partial class MovingObjects
{
    private const string InSource = "s:";
    private const string InTarget = "t:";

    /// <summary>The last character there is: a key and this come after all that begins with the key.</summary>
    private const string Last = "\U0010FFFF";

    private const int PageMin = 32;
    private const int LooksAtOnce = 32;

    /// <summary>An upload is begun where the object would be written now.</summary>
    public async ValueTask<string> BeginUploadAsync(string key, ObjectHeaders headers, CancellationToken cancellation)
    {
        var isInTarget = phase switch
        {
            MovePhase.Moving or MovePhase.Settling => true,
            MovePhase.Returning => false,
            _ => await Find(HandOffAim.Read, key, new MovingObjectKey(), cancellation) == HandOffMove.ActOnTarget,
        };
        return (isInTarget ? InTarget : InSource) + await (isInTarget ? target : source).Ask(
            each => each.BeginUploadAsync(key, Kept(headers), cancellation), cancellation);
    }

    public ValueTask<string> UploadPartAsync(string key, string upload, int number, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var (bucket, own) = Told(upload);
        return bucket.Ask(each => each.UploadPartAsync(key, own, number, body, cancellation), cancellation);
    }

    /// <exception cref="FuryException">
    /// <see cref="FuryErrorCode.StaleBinding"/>: while the parts were sent, another has handed the object over to the provider that does not have them.
    /// </exception>
    public ValueTask<ObjectPut> CommitUploadAsync(
        string key, string upload, IReadOnlyList<string> tags, ReadOnlyMemory<byte> sha256, WriteCondition condition, CancellationToken cancellation)
    {
        var (begun, own) = Told(upload);
        return Write(
            key,
            condition,
            (bucket, over) => bucket == begun
                ? bucket.Ask(each => each.CommitUploadAsync(key, own, tags, sha256, over, cancellation), isWrite: true, cancellation)
                : throw new FuryException(
                    FuryErrorCode.StaleBinding,
                    $"'{key}' was handed over to '{bucket.Provider}' while it was sent in parts to '{begun.Provider}'; begin again."),
            cancellation);
    }

    public ValueTask AbortUploadAsync(string key, string upload, CancellationToken cancellation)
    {
        var (bucket, own) = Told(upload);
        return bucket.Do(each => each.AbortUploadAsync(key, own, cancellation), cancellation);
    }

    public async ValueTask<IReadOnlyList<ObjectListItem>> ListAsync(
        string prefix, char? delimiter, string? after, int limit, CancellationToken cancellation)
    {
        List<ObjectListItem> items = [];
        for (var from = ListingOrder.IsFolder(after, prefix, delimiter) ? after + Last : after; items.Count < limit;)
        {
            // Without folders: one is shown only if something in it is there.
            var (page, next) = await Page(prefix, from, Math.Max(limit, PageMin), cancellation);
            foreach (var item in page)
            {
                if (items.Count == limit || !ListingOrder.IsNext(item.Key, prefix, delimiter, items.LastOrDefault()?.Key ?? after))
                {
                    continue;
                }

                items.Add(ListingOrder.FolderOf(item.Key, prefix, delimiter) is { } folder ? new ObjectListItem(folder, 0, default, default, true) : item);
            }

            if (next is null)
            {
                break;
            }

            from = items is [.., { IsPrefix: true } shown] && next.StartsWith(shown.Key, StringComparison.Ordinal) ? shown.Key + Last : next;
        }

        return items;
    }

    /// <summary>A page of the source and one of the target, as far as both go, and where the next begins; null: there is none.</summary>
    private async ValueTask<(IReadOnlyList<ObjectListItem> Items, string? Next)> Page(string prefix, string? after, int size, CancellationToken cancellation)
    {
        var inSource = phase == MovePhase.Settling ? [] : await List(source);
        var inTarget = await List(target);
        var end = new[] { inSource, inTarget }.Where(page => page.Count >= size).Select(page => page[^1].Key).Order(Utf8Order.Instance).FirstOrDefault();
        var (ofSource, ofTarget) = (inSource.ToDictionary(item => item.Key), inTarget.ToDictionary(item => item.Key));
        List<string> keys =
        [
            .. ofSource.Keys.Union(ofTarget.Keys).Where(key => end is null || Utf8Order.Instance.Compare(key, end) <= 0).Order(Utf8Order.Instance),
        ];
        var found = new ObjectListItem?[keys.Count];
        await Parallel.ForAsync(
            0,
            keys.Count,
            new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = cancellation },
            async (index, stop) => found[index] = await Listed(ofSource.GetValueOrDefault(keys[index]), ofTarget.GetValueOrDefault(keys[index]), stop));
        return ([.. found.OfType<ObjectListItem>()], end);

        ValueTask<IReadOnlyList<ObjectListItem>> List(IObjectDriver bucket) =>
            bucket.Ask(each => each.ListAsync(prefix, null, after, size, cancellation), isWrite: false, cancellation);
    }

    /// <summary>The item that is shown of a key; null: there is no object.</summary>
    private async ValueTask<ObjectListItem?> Listed(ObjectListItem? here, ObjectListItem? there, CancellationToken cancellation)
    {
        var at = new MovingKey<ListedRecord>();
        while (true)
        {
            switch (HandOff.Next(phase, HandOffAim.Read, at.Seen))
            {
                case HandOffMove.LookAtSource:
                    at.Source = await Look(source, here, cancellation);
                    break;
                case HandOffMove.LookAtTarget:
                    at.Target = await Look(target, there, cancellation);
                    break;
                case HandOffMove.ActOnSource:
                    return at.Source!.Value.Item;
                default:
                    return at.Target!.Value.Item;
            }
        }
    }

    /// <summary>What is as long as that which stands for no object is looked at.</summary>
    private static async ValueTask<ListedRecord> Look(IObjectDriver bucket, ObjectListItem? item, CancellationToken cancellation)
    {
        if (item is null)
        {
            return default;
        }

        if (item.Length != ObjectEnvelope.NothingSize)
        {
            return new ListedRecord(new KeySeen(KeyForm.Value, 1, default), item.ETag.Value, item);
        }

        // It may be an object by now, and the listing is of before.
        var record = await ObjectPair.Look(bucket, item.Key, cancellation);
        return new ListedRecord(record.Seen, record.Revision, record.HasValue ? record.Listed(item.Key) : null);
    }

    /// <summary>Without a beginning it was begun before the move, in the source.</summary>
    private (IObjectDriver Bucket, string Upload) Told(string upload) =>
        upload.StartsWith(InTarget, StringComparison.Ordinal) ? (target, upload[InTarget.Length..])
        : (source, upload.StartsWith(InSource, StringComparison.Ordinal) ? upload[InSource.Length..] : upload);

    /// <summary>What a listing says of a key.</summary>
    /// <param name="Item">How the key is shown; null: there is no object.</param>
    private readonly record struct ListedRecord(KeySeen Seen, string? Revision, ObjectListItem? Item) : IMovingRecord;
}
