namespace Fury.LittleMonster;

/// <summary>Where a lane writes. One call at a time; after a failure the next one begins on a new connection.</summary>
internal interface ILaneStore : IAsyncDisposable
{
    /// <summary>
    /// Writes all items or none. Answers the starts that came too late for their key. Throws <see cref="FencedException"/> when this
    /// incarnation was declared dead, and <see cref="MisfitException"/> when a saga is not where its owner thinks it is.
    /// </summary>
    Task<IReadOnlyDictionary<long, CommitResult.Late>> Commit(IReadOnlyList<CommitItem> items, CancellationToken cancellation);

    /// <summary>
    /// Whether a commit of this incarnation whose answer was lost has happened. False also for items that leave no trace: writing those
    /// again is harmless.
    /// </summary>
    Task<bool> WasCommitted(IReadOnlyList<CommitItem> items, CancellationToken cancellation);

    /// <summary>The starts of a commit that has happened that came too late for their key.</summary>
    Task<IReadOnlyDictionary<long, CommitResult.Late>> Late(IReadOnlyList<CommitItem> items, CancellationToken cancellation);
}

/// <summary>This incarnation was declared dead: it can write nothing more.</summary>
internal sealed class FencedException : Exception
{
    public FencedException()
        : base("This host was declared dead.")
    {
    }
}

/// <summary>A saga is not where its owner thinks it is: an answer was lost, or a bug.</summary>
internal sealed class MisfitException(string message) : Exception(message);
