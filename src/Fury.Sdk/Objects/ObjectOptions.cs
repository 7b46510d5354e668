using Fury.Sdk.Coordination;

namespace Fury.Sdk.Objects;

public record ObjectReadOptions : CallOptions
{
    /// <summary>The first byte; one beyond the end gives no bytes.</summary>
    public long Offset { get; init; }

    /// <summary>At most so many bytes; null: to the end.</summary>
    public long? Length { get; init; }

    /// <summary>Only if it is another one by now.</summary>
    public ETag? IfNoneMatch { get; init; }

    /// <summary>Only if it is still this one; else <see cref="FuryErrorCode.PreconditionFailed"/>.</summary>
    public ETag? IfMatch { get; init; }
}

public record ObjectWriteOptions : CallOptions
{
    public WriteCondition Condition { get; init; }

    /// <summary>Null: <c>application/octet-stream</c>.</summary>
    public string? ContentType { get; init; }

    public string? ContentEncoding { get; init; }

    public string? CacheControl { get; init; }

    public string? ContentDisposition { get; init; }

    /// <summary>Keys of lower-case ASCII letters, digits, dashes; values of printable ASCII; 2 KiB in all.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>32 bytes: content that is other than this is refused and never seen. Empty: not checked.</summary>
    public ReadOnlyMemory<byte> ExpectedSha256 { get; init; }

    public TimeSpan? TimeToLive { get; init; }

    /// <summary>As of <see cref="KeyValue.KvWriteOptions.Fence"/>; needs <see cref="ObjectCapabilities.ConditionalUpdate"/>.</summary>
    public LockLease? Fence { get; init; }
}

public record ObjectListOptions : CallOptions
{
    public string? Prefix { get; init; }

    /// <summary>Keys with this character after the prefix are shown as one folder.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Only keys after this one.</summary>
    public string? StartAfter { get; init; }
}

public enum UrlAccess
{
    Read = 0,
    Write = 1,
}

/// <param name="Lifetime">1 s to 7 days.</param>
public sealed record AccessUrlOptions(UrlAccess Access, TimeSpan Lifetime)
{
    /// <summary>What must be uploaded, for <see cref="UrlAccess.Write"/>.</summary>
    public string? ContentType { get; init; }
}
