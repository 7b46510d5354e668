namespace Fury.Sdk.Objects;

/// <summary>
/// A stream whose bytes become an object, all at once, by <see cref="CommitAsync"/>. Disposing it without leaves nothing behind, so a copy that
/// breaks off publishes no half of a file.
/// </summary>
public abstract class ObjectWriter : Stream
{
    /// <summary>How far it is, for <see cref="ObjectBucket.ResumeWriteAsync"/> in this or another process; null until the first part was sent.</summary>
    public abstract string? ResumeToken { get; }

    /// <summary>Bytes that a resumed writer need not be given again.</summary>
    public abstract long Resumable { get; }

    public abstract Task<ObjectProperties> CommitAsync(CancellationToken cancellationToken = default);

    public abstract Task AbortAsync(CancellationToken cancellationToken = default);

    /// <summary>Leaves what was sent where it is, to be resumed. The writer is of no use afterwards.</summary>
    public abstract void Suspend();
}
