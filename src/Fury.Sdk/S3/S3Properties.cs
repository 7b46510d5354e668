using System.Globalization;
using System.Net.Http.Headers;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.S3;

/// <summary>Headers of requests and answers as what is kept beside the bytes of an object.</summary>
internal static class S3Properties
{
    private const string Prefix = "x-amz-meta-";

    /// <summary>The SHA-256, where it is known when the object is begun.</summary>
    private const string Sha256 = "fury-sha256";

    public static IEnumerable<(string Name, string Value)> Headers(ObjectHeaders headers, ReadOnlyMemory<byte> sha256)
    {
        yield return ("Content-Type", headers.ContentType);
        foreach (var (name, value) in new[]
        {
            ("Content-Encoding", headers.ContentEncoding), ("Content-Disposition", headers.ContentDisposition), ("Cache-Control", headers.CacheControl),
        })
        {
            if (value is not null)
            {
                yield return (name, value);
            }
        }

        foreach (var (name, value) in headers.Metadata)
        {
            yield return (Prefix + name, value);
        }

        if (!sha256.IsEmpty)
        {
            yield return (Prefix + Sha256, Convert.ToHexStringLower(sha256.Span));
        }
    }

    /// <summary>Of an answer to HEAD or GET, also of a range.</summary>
    public static ObjectProperties Read(string key, HttpResponseMessage response)
    {
        var (head, body) = (response.Headers.NonValidated, response.Content.Headers.NonValidated);
        var metadata = head.Concat(body).Where(each => each.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(each => each.Key[Prefix.Length..].ToLowerInvariant(), each => each.Value.ToString());
        var hash = metadata.GetValueOrDefault(Sha256);
        return new ObjectProperties(
            key,
            response.Content.Headers.ContentRange?.Length ?? response.Content.Headers.ContentLength ?? 0,
            Tag(response),
            Of(body, "Content-Type") ?? "application/octet-stream",
            response.Content.Headers.LastModified ?? default,
            metadata)
        {
            Sha256 = hash is { Length: 64 } ? Convert.FromHexString(hash) : ReadOnlyMemory<byte>.Empty,
            ContentEncoding = Of(body, "Content-Encoding"),
            ContentDisposition = Of(body, "Content-Disposition"),
            CacheControl = Of(head, "Cache-Control"),
        };
    }

    /// <summary>Of what was just put.</summary>
    public static ObjectProperties Written(
        string key, long length, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, HttpResponseMessage response, TimeProvider clock) =>
        new(key, length, Tag(response), headers.ContentType, response.Headers.Date ?? clock.GetUtcNow(), headers.Metadata)
        {
            Sha256 = sha256,
            ContentEncoding = headers.ContentEncoding,
            ContentDisposition = headers.ContentDisposition,
            CacheControl = headers.CacheControl,
            ExpiresAt = headers.ExpiresAt,
        };

    public static ETag Tag(HttpResponseMessage response) => Tag(Of(response.Headers.NonValidated, "ETag") ?? "");

    public static ETag Tag(string text) => new(text.Trim().Trim('"'));

    public static DateTimeOffset Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default;

    private static string? Of(HttpHeadersNonValidated headers, string name) => headers.TryGetValues(name, out var values) ? values.ToString() : null;
}
