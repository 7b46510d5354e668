using Fury.Sdk.Objects;

namespace Fury.Sdk.Drivers;

/// <summary>What is kept beside the bytes.</summary>
/// <param name="Metadata">The application's, and the portable layer's own, which begin with <c>fury-</c>.</param>
public sealed record ObjectHeaders(string ContentType, IReadOnlyDictionary<string, string> Metadata)
{
    public string? ContentEncoding { get; init; }

    public string? CacheControl { get; init; }

    public string? ContentDisposition { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <param name="Applied">False when the condition did not hold.</param>
public readonly record struct ObjectPut(bool Applied, ObjectProperties? Properties);

/// <summary>An open object. Disposing it ends the transfer.</summary>
public sealed record DriverObject(ObjectProperties Properties, Stream Content) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>Objects by key. Conditions are <see cref="WriteRule.None"/>, <see cref="WriteRule.IfAbsent"/> and <see cref="WriteRule.IfMatch"/> only.</summary>
public interface IObjectDriver : IDriver
{
    ValueTask<ObjectProperties?> HeadAsync(string key, CancellationToken cancellation);

    /// <summary>From the byte on, so many (null: to the end). A range beyond the end is empty.</summary>
    ValueTask<DriverObject?> OpenAsync(string key, long offset, long? length, CancellationToken cancellation);

    /// <param name="sha256">To be kept where <see cref="ObjectCapabilities.Checksum"/> is declared.</param>
    ValueTask<ObjectPut> PutAsync(
        string key, ReadOnlyMemory<byte> body, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, WriteCondition condition,
        CancellationToken cancellation);

    /// <summary>Begins an upload in parts and gives its id. Nothing of it is seen until it is committed.</summary>
    ValueTask<string> BeginUploadAsync(string key, ObjectHeaders headers, CancellationToken cancellation);

    /// <summary>Gives the part's tag. The same part again replaces it. Parts have 5 MiB or more, but for the last.</summary>
    ValueTask<string> UploadPartAsync(string key, string upload, int number, ReadOnlyMemory<byte> body, CancellationToken cancellation);

    /// <param name="sha256">Of the whole; empty where it is not known.</param>
    ValueTask<ObjectPut> CommitUploadAsync(
        string key, string upload, IReadOnlyList<string> tags, ReadOnlyMemory<byte> sha256, WriteCondition condition, CancellationToken cancellation);

    /// <summary>No error for one that is gone.</summary>
    ValueTask AbortUploadAsync(string key, string upload, CancellationToken cancellation);

    /// <summary>True: deleted; false: there was none; null: the condition did not hold.</summary>
    ValueTask<bool?> DeleteAsync(string key, WriteCondition condition, CancellationToken cancellation);

    /// <summary>Within the provider. The properties are null when there is no source.</summary>
    ValueTask<ObjectPut> CopyAsync(string source, string target, WriteCondition condition, CancellationToken cancellation);

    /// <summary>
    /// At most so many items after the given key, by the bytes of UTF-8; after a folder means after all that is in it. Fewer say that it is the end.
    /// </summary>
    ValueTask<IReadOnlyList<ObjectListItem>> ListAsync(
        string prefix, char? delimiter, string? after, int limit, CancellationToken cancellation);

    ValueTask<AccessUrl> CreateAccessUrlAsync(string key, AccessUrlOptions options, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
