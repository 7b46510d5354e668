namespace Fury.Sdk.Objects;

/// <summary>Large values by key. A reader sees the old object or the new one, whole. Keys have 1 to 1024 bytes of UTF-8.</summary>
public abstract class ObjectBucket(string name) : FuryService(name)
{
    /// <summary>Null when there is none.</summary>
    public abstract Task<ObjectProperties?> GetPropertiesAsync(
        string key, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Opens it for reading; null when there is none.</summary>
    public abstract Task<ObjectDownload?> OpenReadAsync(
        string key, ObjectReadOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>All its bytes in memory, for small ones; null when there is none.</summary>
    public abstract Task<byte[]?> ReadBytesAsync(
        string key, ObjectReadOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Reads the stream to its end; of any length, with a part of it in memory.</summary>
    public abstract Task<ObjectProperties> WriteAsync(
        string key, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default);

    public abstract Task<ObjectProperties> WriteAsync(
        string key, ReadOnlyMemory<byte> content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>A stream to write to; nothing is seen until its commit.</summary>
    public abstract Task<ObjectWriter> OpenWriteAsync(
        string key, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Goes on with a writer that was suspended; give it the bytes from <see cref="ObjectWriter.Resumable"/> on.</summary>
    public abstract Task<ObjectWriter> ResumeWriteAsync(string resumeToken, CancellationToken cancellationToken = default);

    /// <summary>False when there was none.</summary>
    public abstract Task<bool> DeleteAsync(string key, WriteCondition condition = default, CancellationToken cancellationToken = default);

    /// <summary>At most 1000, each by itself.</summary>
    public abstract Task<IReadOnlyList<BatchItem<string, bool>>> DeleteManyAsync(
        IReadOnlyList<string> keys, CancellationToken cancellationToken = default);

    /// <summary>Content and metadata of one object under another key; null when there is none.</summary>
    public abstract Task<ObjectProperties?> CopyAsync(
        string sourceKey, string targetKey, WriteCondition condition = default, CancellationToken cancellationToken = default);

    /// <summary>Ordered by the bytes of the keys.</summary>
    public abstract Paged<ObjectListItem> List(ObjectListOptions? options = null);

    public abstract Task<AccessUrl> CreateAccessUrlAsync(
        string key, AccessUrlOptions options, CancellationToken cancellationToken = default);
}
