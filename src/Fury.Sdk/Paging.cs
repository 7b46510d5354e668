namespace Fury.Sdk;

/// <summary>A part of a listing.</summary>
/// <param name="ContinuationToken">Where to go on, also in another process and after a switch of the provider; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? ContinuationToken);

/// <summary>A listing that is read as it is enumerated: by item, or by page with a token to go on from.</summary>
public abstract class Paged<T> : IAsyncEnumerable<T>
    where T : notnull
{
    /// <summary>Reads from the token on (null: from the start), at most so many items a page (null: as many as suits the provider).</summary>
    public abstract IAsyncEnumerable<Page<T>> AsPages(
        string? continuationToken = null, int? pageSize = null, CancellationToken cancellationToken = default);

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (var page in AsPages(cancellationToken: cancellationToken))
        {
            foreach (var item in page.Items)
            {
                yield return item;
            }
        }
    }
}

/// <summary>What became of one element of a batch. A batch never throws because a part of it failed.</summary>
public readonly record struct BatchItem<TKey, TResult>(TKey Key, TResult? Result, FuryException? Error)
{
    public bool Succeeded => Error is null;
}
