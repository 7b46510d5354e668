using System.Globalization;
using System.Net;
using System.Text;
using System.Xml.Linq;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Azure;

/// <summary>
/// Uploads in parts, copies and listings. Azure keeps the blocks of a blob that are not committed in one place and drops them when the blob is written
/// otherwise; so of two uploads to one key at the same time the one that is committed later fails.
/// </summary>
internal sealed partial class AzureBlobs
{
    private const int PageMax = 5000;

    private static readonly TimeSpan CopyAgain = TimeSpan.FromMilliseconds(100);

    public ValueTask<string> BeginUploadAsync(string key, ObjectHeaders headers, CancellationToken cancellation) =>
        ValueTask.FromResult(UploadId.New(headers));

    public async ValueTask<string> UploadPartAsync(string key, string upload, int number, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var block = Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{UploadId.Read(upload).Unique}-{number:D6}")));
        using var response = await client.Send(HttpMethod.Put, key, [("comp", "block"), ("blockid", block)], None, body, cancellation);
        MustBe(response, HttpStatusCode.Created);
        return block;
    }

    public async ValueTask<ObjectPut> CommitUploadAsync(
        string key, string upload, IReadOnlyList<string> tags, ReadOnlyMemory<byte> sha256, WriteCondition condition, CancellationToken cancellation)
    {
        var headers = UploadId.Read(upload).Headers;
        var list = new XElement("BlockList", tags.Select(tag => new XElement("Latest", tag))).ToString(SaveOptions.DisableFormatting);
        using var response = await client.Send(
            HttpMethod.Put,
            key,
            [("comp", "blocklist")],
            [.. BlobProperties.Headers(headers, sha256), .. Condition(condition)],
            Encoding.UTF8.GetBytes(list),
            cancellation);
        if (response.StatusCode == HttpStatusCode.BadRequest && AzureBlobClient.Header(response, "x-ms-error-code") == "InvalidBlockList")
        {
            return condition.Rule != WriteRule.None && !Holds(condition, await HeadAsync(key, cancellation))
                ? new ObjectPut(false, null)
                : throw Failure.Invalid("The upload is over, or the object was written otherwise meanwhile; begin again.");
        }

        return IsRefused(response, condition) ? new ObjectPut(false, null) : new ObjectPut(true, await After(key, cancellation));
    }

    /// <summary>Azure drops blocks that are not committed within a week; they cannot be dropped by themselves.</summary>
    public ValueTask AbortUploadAsync(string key, string upload, CancellationToken cancellation) => ValueTask.CompletedTask;

    public async ValueTask<ObjectPut> CopyAsync(string source, string target, WriteCondition condition, CancellationToken cancellation)
    {
        if (await HeadAsync(source, cancellation) is null)
        {
            return new ObjectPut(true, null);
        }

        using var response = await client.Send(
            HttpMethod.Put, target, [], [("x-ms-copy-source", client.Address(source).AbsoluteUri), .. Condition(condition)], null, cancellation);
        if (IsRefused(response, condition))
        {
            return new ObjectPut(false, null);
        }

        // Within an account it is done at once, but Azure does not promise that.
        var status = AzureBlobClient.Header(response, "x-ms-copy-status");
        while (status == "pending")
        {
            await Task.Delay(CopyAgain, context.Clock, cancellation);
            using var look = await client.Send(HttpMethod.Head, target, [], None, null, cancellation);
            MustBe(look, HttpStatusCode.OK);
            status = AzureBlobClient.Header(look, "x-ms-copy-status");
        }

        return new ObjectPut(true, await After(target, cancellation));
    }

    /// <summary>All names under the prefix are read, and the first of those that are asked for kept: Azure's own order is not that of UTF-8.</summary>
    public async ValueTask<IReadOnlyList<ObjectListItem>> ListAsync(
        string prefix, char? delimiter, string? after, int limit, CancellationToken cancellation)
    {
        var found = new SortedSet<ObjectListItem>(Comparer<ObjectListItem>.Create((one, other) => Utf8Order.Instance.Compare(one.Key, other.Key)));
        var native = delimiter is { } mark && BlobNames.Encode("a" + mark) == "a" + mark;
        string? next = null;
        do
        {
            List<(string, string)> query = [("restype", "container"), ("comp", "list"), ("maxresults", PageMax.ToString(CultureInfo.InvariantCulture))];
            query.AddRange(new[] { ("prefix", BlobNames.Encode(prefix)), ("delimiter", native ? $"{delimiter}" : ""), ("marker", next ?? "") }
                .Where(each => each.Item2.Length > 0));
            using var response = await client.Send(HttpMethod.Get, null, [.. query], None, null, cancellation);
            MustBe(response, HttpStatusCode.OK);
            var page = await AzureBlobClient.Document(response, cancellation);
            foreach (var item in page.Element("Blobs")?.Elements().Select(Item) ?? [])
            {
                Take(item);
            }

            next = page.Element("NextMarker")?.Value;
        }
        while (!string.IsNullOrEmpty(next));

        return [.. found];

        void Take(ObjectListItem item)
        {
            if (!ListingOrder.IsNext(item.Key, prefix, delimiter, after))
            {
                return;
            }

            found.Add(ListingOrder.FolderOf(item.Key, prefix, delimiter) is { } folder ? new ObjectListItem(folder, 0, default, default, true) : item);
            if (found.Count > limit)
            {
                found.Remove(found.Max!);
            }
        }
    }

    private static ObjectListItem Item(XElement element)
    {
        var key = BlobNames.Decode(element.Element("Name")!.Value);
        var properties = element.Element("Properties");
        return element.Name.LocalName == "BlobPrefix" ? new ObjectListItem(key, 0, default, default, true) : new ObjectListItem(
            key,
            long.Parse(properties?.Element("Content-Length")?.Value ?? "0", CultureInfo.InvariantCulture),
            BlobProperties.Tag(properties?.Element("Etag")?.Value),
            DateTimeOffset.TryParse(
                properties?.Element("Last-Modified")?.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default,
            false);
    }

    private static bool Holds(WriteCondition condition, ObjectProperties? there) =>
        condition.Rule == WriteRule.IfAbsent ? there is null : there?.ETag == condition.Match;

    /// <summary>What was written; if it cannot be looked at, it is written all the same.</summary>
    private async ValueTask<ObjectProperties?> After(string key, CancellationToken cancellation)
    {
        try
        {
            return await HeadAsync(key, cancellation)
                ?? throw new FuryException(FuryErrorCode.Aborted, "The object was deleted by another as soon as it was written.");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw HttpFailures.ButWritten(AzureBlobClient.Display, error);
        }
    }
}
