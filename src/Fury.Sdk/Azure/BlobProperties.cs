using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Azure;

/// <summary>
/// Headers of requests and answers as what is kept beside the bytes of a blob. Azure's names of metadata must be those of variables, so ours have an
/// <c>m</c> before and underscores for dashes.
/// </summary>
internal static class BlobProperties
{
    private const string Prefix = "x-ms-meta-";
    private const string Ours = "m";
    private const string Sha256 = "fury-sha256";

    public static IEnumerable<(string Name, string Value)> Headers(ObjectHeaders headers, ReadOnlyMemory<byte> sha256)
    {
        yield return ("x-ms-blob-content-type", headers.ContentType);
        foreach (var (name, value) in new[]
        {
            ("x-ms-blob-content-encoding", headers.ContentEncoding), ("x-ms-blob-content-disposition", headers.ContentDisposition),
            ("x-ms-blob-cache-control", headers.CacheControl),
        })
        {
            if (value is not null)
            {
                yield return (name, value);
            }
        }

        var hash = sha256.IsEmpty ? [] : new[] { KeyValuePair.Create(Sha256, Convert.ToHexStringLower(sha256.Span)) };
        foreach (var (name, value) in headers.Metadata.Concat(hash))
        {
            yield return ($"{Prefix}{Ours}{name.Replace('-', '_')}", value);
        }
    }

    /// <summary>Of an answer to HEAD or GET, also of a range.</summary>
    public static ObjectProperties Read(string key, HttpResponseMessage response)
    {
        var begin = Prefix + Ours;
        var metadata = response.Headers.NonValidated.Where(each => each.Key.StartsWith(begin, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(each => each.Key[begin.Length..].ToLowerInvariant().Replace('_', '-'), each => each.Value.ToString());
        var content = response.Content.Headers;
        return new ObjectProperties(
            key,
            content.ContentRange?.Length ?? content.ContentLength ?? 0,
            Tag(AzureBlobClient.Header(response, "ETag")),
            AzureBlobClient.Header(response, "Content-Type") ?? "application/octet-stream",
            content.LastModified ?? default,
            metadata)
        {
            Sha256 = metadata.GetValueOrDefault(Sha256) is { Length: 64 } hash ? Convert.FromHexString(hash) : ReadOnlyMemory<byte>.Empty,
            ContentEncoding = AzureBlobClient.Header(response, "Content-Encoding"),
            ContentDisposition = AzureBlobClient.Header(response, "Content-Disposition"),
            CacheControl = AzureBlobClient.Header(response, "Cache-Control"),
        };
    }

    /// <summary>Of what was just put.</summary>
    public static ObjectProperties Written(
        string key, long length, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, HttpResponseMessage response, TimeProvider clock) =>
        new(
            key, length, Tag(AzureBlobClient.Header(response, "ETag")), headers.ContentType,
            response.Content.Headers.LastModified ?? clock.GetUtcNow(), headers.Metadata)
        {
            Sha256 = sha256,
            ContentEncoding = headers.ContentEncoding,
            ContentDisposition = headers.ContentDisposition,
            CacheControl = headers.CacheControl,
            ExpiresAt = headers.ExpiresAt,
        };

    /// <summary>With quotes in headers, without in listings.</summary>
    public static ETag Tag(string? text) => new((text ?? "").Trim().Trim('"'));
}
