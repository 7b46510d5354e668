using System.Globalization;
using System.Text.Json.Serialization;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Gcs;

/// <summary>An object's resource, as far as it is of use: what is written, and what is read.</summary>
internal sealed record GcsObject
{
    private const string Sha256 = "fury-sha256";

    public string? Name { get; init; }

    public string? Generation { get; init; }

    public string? Size { get; init; }

    public string? ContentType { get; init; }

    public string? ContentEncoding { get; init; }

    public string? ContentDisposition { get; init; }

    public string? CacheControl { get; init; }

    public DateTimeOffset? Updated { get; init; }

    /// <summary>In base64, the highest byte first.</summary>
    public string? Crc32c { get; init; }

    public Dictionary<string, string>? Metadata { get; init; }

    [JsonIgnore]
    public ETag Tag => new(Generation ?? "");

    public static GcsObject Of(ObjectHeaders headers, ReadOnlyMemory<byte> sha256)
    {
        var metadata = new Dictionary<string, string>(headers.Metadata);
        if (!sha256.IsEmpty)
        {
            metadata[Sha256] = Convert.ToHexStringLower(sha256.Span);
        }

        return new GcsObject
        {
            ContentType = headers.ContentType,
            ContentEncoding = headers.ContentEncoding,
            ContentDisposition = headers.ContentDisposition,
            CacheControl = headers.CacheControl,
            Metadata = metadata,
        };
    }

    public ObjectProperties Properties(string key) => new(
        key,
        long.Parse(Size ?? "0", CultureInfo.InvariantCulture),
        Tag,
        ContentType ?? "application/octet-stream",
        Updated ?? default,
        Metadata ?? [])
    {
        Sha256 = Metadata?.GetValueOrDefault(Sha256) is { Length: 64 } hash ? Convert.FromHexString(hash) : ReadOnlyMemory<byte>.Empty,
        ContentEncoding = ContentEncoding,
        ContentDisposition = ContentDisposition,
        CacheControl = CacheControl,
    };
}

internal sealed record GcsPage(IReadOnlyList<GcsObject>? Items, IReadOnlyList<string>? Prefixes, string? NextPageToken);

internal sealed record GcsPart(string Name, string? Generation);

internal sealed record GcsCompose(IReadOnlyList<GcsPart> SourceObjects, GcsObject Destination);

/// <param name="RewriteToken">With which it goes on, as long as it is not done.</param>
internal sealed record GcsRewrite(bool Done, string? RewriteToken, GcsObject? Resource);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GcsObject))]
[JsonSerializable(typeof(GcsPage))]
[JsonSerializable(typeof(GcsCompose))]
[JsonSerializable(typeof(GcsRewrite))]
internal sealed partial class GcsJson : JsonSerializerContext;
