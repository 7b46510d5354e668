namespace Fury.Sdk.Objects;

/// <param name="Length">Bytes.</param>
/// <param name="Metadata">The application's own; keys are lower-case.</param>
public sealed record ObjectProperties(
    string Key, long Length, ETag ETag, string ContentType, DateTimeOffset LastModified, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>32 bytes; empty where the provider does not keep it.</summary>
    public ReadOnlyMemory<byte> Sha256 { get; init; }

    public string? ContentEncoding { get; init; }

    public string? CacheControl { get; init; }

    public string? ContentDisposition { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <param name="IsPrefix">A folder: stands for all keys that begin with <paramref name="Key"/>; the rest says nothing then.</param>
public sealed record ObjectListItem(string Key, long Length, ETag ETag, DateTimeOffset LastModified, bool IsPrefix);

/// <summary>An address that gives whoever has it one kind of access to one object.</summary>
/// <param name="RequiredHeaders">What must be sent with the request.</param>
public sealed record AccessUrl(Uri Uri, string Method, IReadOnlyDictionary<string, string> RequiredHeaders, DateTimeOffset ExpiresAt)
{
    /// <summary>Not the address: it is a secret.</summary>
    public override string ToString() => $"AccessUrl({Method} until {ExpiresAt:O}, hidden)";
}

/// <summary>An open object. Dispose it.</summary>
public abstract class ObjectDownload : IAsyncDisposable
{
    public abstract ObjectProperties Properties { get; }

    /// <summary>It still has the ETag of <see cref="ObjectReadOptions.IfNoneMatch"/>; there is no content then.</summary>
    public abstract bool NotModified { get; }

    /// <summary>The bytes asked for. The last read of a whole object throws <see cref="FuryErrorCode.Corrupted"/> when its checksum is wrong.</summary>
    public abstract Stream Content { get; }

    public abstract ValueTask DisposeAsync();
}
