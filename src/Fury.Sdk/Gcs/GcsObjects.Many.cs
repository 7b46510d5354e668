using System.Globalization;
using System.Net;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Gcs;

/// <summary>
/// Uploads in parts, copies and listings. Cloud Storage asks for the condition of an upload of its own when it is begun; so parts are objects under names that
/// no key has, and the commit composes them: up to 32 at once, as its last step the whole under its condition.
/// </summary>
internal sealed partial class GcsObjects
{
    private const int ComposeMax = 32;
    private const int PageMax = 1000;
    private const int CleaningAtOnceMax = 16;

    public ValueTask<string> BeginUploadAsync(string key, ObjectHeaders headers, CancellationToken cancellation) =>
        ValueTask.FromResult(UploadId.New(headers));

    /// <summary>The tag is the part's generation.</summary>
    public async ValueTask<string> UploadPartAsync(string key, string upload, int number, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var part = new GcsObject { Name = PartName(UploadId.Read(upload).Unique, 0, number - 1) };
        using var response = await client.Rest.Send(HttpMethod.Post, client.Upload(), () => GcsClient.Whole(part, body), [], cancellation);
        return (await client.Rest.Read(response, GcsJson.Default.GcsObject, cancellation)).Generation!;
    }

    public async ValueTask<ObjectPut> CommitUploadAsync(
        string key, string upload, IReadOnlyList<string> tags, ReadOnlyMemory<byte> sha256, WriteCondition condition, CancellationToken cancellation)
    {
        if (!IsGeneration(condition))
        {
            return new ObjectPut(false, null);
        }

        var (unique, headers) = UploadId.Read(upload);
        List<GcsPart> parts = [.. tags.Select((tag, index) => new GcsPart(PartName(unique, 0, index), tag))];
        for (var level = 1; parts.Count > ComposeMax; level++)
        {
            List<GcsPart> larger = [];
            foreach (var some in parts.Chunk(ComposeMax))
            {
                var name = PartName(unique, level, larger.Count);
                using var composed = await Compose(name, some, new GcsObject(), default, cancellation);
                larger.Add(new GcsPart(name, (await client.Rest.Read(composed, GcsJson.Default.GcsObject, cancellation)).Generation));
            }

            parts = larger;
        }

        using var response = await Compose(
            GcsNames.Encode(key), parts, GcsObject.Of(headers, sha256), condition, cancellation);
        var put = await Written(key, condition, response, cancellation);
        if (put.Applied)
        {
            await CleanQuietly(upload, cancellation);
        }

        return put;
    }

    public async ValueTask AbortUploadAsync(string key, string upload, CancellationToken cancellation)
    {
        string? next = null;
        do
        {
            using var response = await client.Rest.Send(
                HttpMethod.Get, client.Objects(("prefix", $"{GcsNames.Parts}{UploadId.Read(upload).Unique}/"), ("pageToken", next)), cancellation);
            var page = await client.Rest.Read(response, GcsJson.Default.GcsPage, cancellation);
            var cleaning = new ParallelOptions { MaxDegreeOfParallelism = CleaningAtOnceMax, CancellationToken = cancellation };
            await Parallel.ForEachAsync(page.Items ?? [], cleaning, async (part, stop) =>
            {
                using var gone = await client.Rest.Send(HttpMethod.Delete, client.Object(part.Name!), stop);
                if (gone.StatusCode != HttpStatusCode.NotFound)
                {
                    await client.Rest.MustBeWell(gone, stop);
                }
            });
            next = page.NextPageToken;
        }
        while (next is not null);
    }

    public async ValueTask<ObjectPut> CopyAsync(string source, string target, WriteCondition condition, CancellationToken cancellation)
    {
        if (!IsGeneration(condition))
        {
            return new ObjectPut(false, null);
        }

        string? token = null;
        while (true)
        {
            var uri = client.Rewrite(GcsNames.Encode(source), GcsNames.Encode(target), Condition(condition), ("rewriteToken", token));
            using var response = await client.Rest.Send(HttpMethod.Post, uri, cancellation);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return new ObjectPut(true, null);
            }

            if (await IsRefused(response, condition, cancellation))
            {
                return new ObjectPut(false, null);
            }

            var rewrite = await client.Rest.Read(response, GcsJson.Default.GcsRewrite, cancellation);
            if (rewrite.Done)
            {
                return new ObjectPut(true, rewrite.Resource!.Properties(target));
            }

            token = rewrite.RewriteToken;
        }
    }

    public async ValueTask<IReadOnlyList<ObjectListItem>> ListAsync(
        string prefix, char? delimiter, string? after, int limit, CancellationToken cancellation)
    {
        List<ObjectListItem> items = [];
        var isNative = delimiter is { } mark && GcsNames.IsPlain(mark);
        // After the last character there is, within a folder: after all that is in it.
        var from = after is null ? null : GcsNames.Encode(ListingOrder.IsFolder(after, prefix, delimiter) ? after + "\U0010FFFF" : after);
        string? next = null;
        do
        {
            var uri = client.Objects(
                ("prefix", prefix.Length > 0 ? GcsNames.Encode(prefix) : null),
                ("delimiter", isNative ? $"{delimiter}" : null),
                ("startOffset", from),
                ("maxResults", Math.Min((long)limit - items.Count + 1, PageMax).ToString(CultureInfo.InvariantCulture)),
                ("pageToken", next));
            using var response = await client.Rest.Send(HttpMethod.Get, uri, cancellation);
            var page = await client.Rest.Read(response, GcsJson.Default.GcsPage, cancellation);
            foreach (var item in Items(page).Where(item => ListingOrder.IsNext(item.Key, prefix, delimiter, after)))
            {
                var folder = item.IsPrefix ? null : ListingOrder.FolderOf(item.Key, prefix, delimiter);
                var shown = folder is null ? item : new ObjectListItem(folder, 0, default, default, true);
                if (items.Count == 0 || items[^1].Key != shown.Key)
                {
                    items.Add(shown);
                }
            }

            next = page.NextPageToken;
        }
        while (next is not null && items.Count < limit);

        return items.Count > limit ? items[..limit] : items;
    }

    /// <summary>In the order of the keys; what is no key is left out.</summary>
    private static IEnumerable<ObjectListItem> Items(GcsPage page) =>
        (page.Items ?? []).Select(each => (Key: GcsNames.Decode(each.Name!), Item: each))
        .Concat((page.Prefixes ?? []).Select(each => (Key: GcsNames.Decode(each), Item: (GcsObject)null!)))
        .Where(each => each.Key is not null)
        .Select(each => each.Item is null
            ? new ObjectListItem(each.Key!, 0, default, default, true)
            : new ObjectListItem(
                each.Key!, long.Parse(each.Item.Size ?? "0", CultureInfo.InvariantCulture), each.Item.Tag, each.Item.Updated ?? default, false))
        .OrderBy(each => each.Key, Utf8Order.Instance);

    /// <param name="unique">Of the upload's id.</param>
    private static string PartName(string unique, int level, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{GcsNames.Parts}{unique}/{level}-{index:D5}");

    private async ValueTask<HttpResponseMessage> Compose(
        string name, IReadOnlyList<GcsPart> parts, GcsObject resource, WriteCondition condition, CancellationToken cancellation)
    {
        var response = await client.Rest.Send(
            HttpMethod.Post,
            client.Compose(name, Condition(condition)),
            new GcsCompose(parts, resource),
            GcsJson.Default.GcsCompose,
            cancellation);
        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            return response;
        }

        response.Dispose();
        throw Failure.Invalid("The upload is over; begin again.");
    }

    /// <summary>The object is written, whatever becomes of its parts; a rule of the bucket removes what is left.</summary>
    private async ValueTask CleanQuietly(string upload, CancellationToken cancellation)
    {
        try
        {
            await AbortUploadAsync("", upload, cancellation);
        }
        catch (Exception error) when (error is FuryException or HttpRequestException or IOException or OperationCanceledException)
        {
            // Nobody misses it.
        }
    }
}
