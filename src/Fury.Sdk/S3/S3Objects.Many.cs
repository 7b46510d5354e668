using System.Globalization;
using System.Net;
using System.Text;
using System.Xml.Linq;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Objects;

namespace Fury.Sdk.S3;

/// <summary>Uploads in parts, copies and listings.</summary>
internal sealed partial class S3Objects
{
    /// <summary>S3 copies no more at once.</summary>
    private const long CopyMax = 5L * 1024 * 1024 * 1024;

    private const int PageMax = 1000;

    public async ValueTask<string> BeginUploadAsync(string key, ObjectHeaders headers, CancellationToken cancellation)
    {
        using var response = await client.Send(
            HttpMethod.Post, key, [("uploads", "")], S3Properties.Headers(headers, default), ReadOnlyMemory<byte>.Empty, null, cancellation);
        await MustBe(response, cancellation, HttpStatusCode.OK);
        return S3Client.Text(await S3Client.Document(response, cancellation), "UploadId")!;
    }

    public async ValueTask<string> UploadPartAsync(string key, string upload, int number, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using var response = await client.Send(HttpMethod.Put, key, Part(upload, number), None, body, null, cancellation);
        await MustHaveUpload(response, cancellation);
        return S3Properties.Tag(response).Value;
    }

    public async ValueTask<ObjectPut> CommitUploadAsync(
        string key, string upload, IReadOnlyList<string> tags, ReadOnlyMemory<byte> sha256, WriteCondition condition, CancellationToken cancellation)
    {
        if (!await HoldsBefore(key, condition, cancellation))
        {
            return new ObjectPut(false, null);
        }

        var parts = new XElement("CompleteMultipartUpload", tags.Select((tag, index) =>
            new XElement("Part", new XElement("PartNumber", index + 1), new XElement("ETag", $"\"{tag}\""))));
        var body = Encoding.UTF8.GetBytes(parts.ToString(SaveOptions.DisableFormatting));
        using var response = await client.Send(HttpMethod.Post, key, [("uploadId", upload)], Native(condition), body, null, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            await MustHaveUpload(response, cancellation);
        }

        if (await IsRefused(response, condition, cancellation))
        {
            return new ObjectPut(false, null);
        }

        await S3Client.Document(response, cancellation);
        return new ObjectPut(true, await After(key, cancellation));
    }

    public async ValueTask AbortUploadAsync(string key, string upload, CancellationToken cancellation)
    {
        using var response = await client.Send(HttpMethod.Delete, key, [("uploadId", upload)], None, null, null, cancellation);
        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            await MustBe(response, cancellation, HttpStatusCode.NoContent, HttpStatusCode.OK);
        }
    }

    public async ValueTask<ObjectPut> CopyAsync(string source, string target, WriteCondition condition, CancellationToken cancellation)
    {
        if (await HeadAsync(source, cancellation) is not { } from)
        {
            return new ObjectPut(true, null);
        }

        if (from.Length > CopyMax)
        {
            throw Failure.TooLarge("The object", from.Length, CopyMax, "S3 copies no more at once: read it and write it.");
        }

        if (!await HoldsBefore(target, condition, cancellation))
        {
            return new ObjectPut(false, null);
        }

        using var response = await client.Send(
            HttpMethod.Put, target, [], [("x-amz-copy-source", client.CopySource(source)), .. Native(condition)], null, null, cancellation);
        if (condition.Rule == WriteRule.None && response.StatusCode == HttpStatusCode.NotFound
            && await S3Client.Error(response, cancellation) is { ProviderCode: "NoSuchKey" })
        {
            return new ObjectPut(true, null);
        }

        if (await IsRefused(response, condition, cancellation))
        {
            return new ObjectPut(false, null);
        }

        await S3Client.Document(response, cancellation);
        return new ObjectPut(true, await After(target, cancellation));
    }

    public async ValueTask<IReadOnlyList<ObjectListItem>> ListAsync(
        string prefix, char? delimiter, string? after, int limit, CancellationToken cancellation)
    {
        List<ObjectListItem> items = [];
        string? next = null;
        do
        {
            List<(string, string)> query =
            [
                ("list-type", "2"),
                ("encoding-type", "url"),
                ("max-keys", Math.Min(limit - items.Count, PageMax).ToString(CultureInfo.InvariantCulture)),
                .. Given("prefix", prefix.Length > 0 ? prefix : null),
                .. Given("delimiter", delimiter?.ToString()),
                .. next is not null ? Given("continuation-token", next)
                    // After the last character there is, within a folder: after all that is in it.
                    : Given("start-after", ListingOrder.IsFolder(after, prefix, delimiter) ? after + "\U0010FFFF" : after),
            ];
            using var response = await client.Send(HttpMethod.Get, null, [.. query], None, null, null, cancellation);
            await MustBe(response, cancellation, HttpStatusCode.OK);
            var page = await S3Client.Document(response, cancellation);
            items.AddRange(Items(page).Where(item => ListingOrder.IsNext(item.Key, prefix, delimiter, after)));
            next = S3Client.Text(page, "IsTruncated") == "true" ? S3Client.Text(page, "NextContinuationToken") : null;
        }
        while (next is not null && items.Count < limit);

        return items;

        static IEnumerable<(string, string)> Given(string name, string? value) => value is null ? [] : [(name, value)];
    }

    private static IEnumerable<ObjectListItem> Items(XElement page)
    {
        var objects = page.Elements().Where(each => each.Name.LocalName == "Contents").Select(each => new ObjectListItem(
            Decoded(S3Client.Text(each, "Key")),
            long.Parse(S3Client.Text(each, "Size") ?? "0", CultureInfo.InvariantCulture),
            S3Properties.Tag(S3Client.Text(each, "ETag") ?? ""),
            S3Properties.Time(S3Client.Text(each, "LastModified")),
            false));
        var folders = page.Elements().Where(each => each.Name.LocalName == "CommonPrefixes")
            .Select(each => new ObjectListItem(Decoded(S3Client.Text(each, "Prefix")), 0, default, default, true));
        return objects.Concat(folders).OrderBy(each => each.Key, Checks.Utf8Order.Instance);
    }

    private static string Decoded(string? text) => WebUtility.UrlDecode(text ?? "");

    private static (string, string)[] Part(string upload, int number) =>
        [("partNumber", number.ToString(CultureInfo.InvariantCulture)), ("uploadId", upload)];

    private IEnumerable<(string, string)> Native(WriteCondition condition) => client.Dialect.PutOnlyConditions ? [] : Condition(condition);

    /// <summary>Where the server does not check the condition of such a write, it is looked at here, which is not the same moment.</summary>
    private async ValueTask<bool> HoldsBefore(string key, WriteCondition condition, CancellationToken cancellation)
    {
        if (!client.Dialect.PutOnlyConditions || condition.Rule == WriteRule.None)
        {
            return true;
        }

        var there = await HeadAsync(key, cancellation);
        return condition.Rule == WriteRule.IfAbsent ? there is null : there?.ETag == condition.Match;
    }

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
            throw HttpFailures.ButWritten(S3Client.Display, error);
        }
    }

    private static async ValueTask MustHaveUpload(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var error = await S3Client.Error(response, cancellation);
            throw error.ProviderCode == "NoSuchUpload" ? Failure.Invalid("The upload is over; begin again.") : error;
        }
    }
}
