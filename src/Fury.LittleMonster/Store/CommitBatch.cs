namespace Fury.LittleMonster;

/// <summary>A start to be written. Without a key it comes from the inbox, where its key was already won.</summary>
internal sealed record StartRow(SagaRecord Saga, short Definition, string? Key, byte[]? Hash);

/// <summary>What one saga has for the next flush. At most one item of a saga is under way at a time.</summary>
internal sealed record CommitItem
{
    private byte[]? _data;

    public required SagaRecord Saga { get; init; }

    /// <summary>Null when there is nothing but inbox rows to take away.</summary>
    public SagaWrite? Write { get; init; }

    public StartRow? Start { get; init; }

    /// <summary>Inbox rows of the saga's shard that are used up by this.</summary>
    public IReadOnlyList<long> Inbox { get; init; } = [];

    /// <summary>Runs on the lane when the outcome is known.</summary>
    public required Action<CommitResult> Ended { get; init; }

    /// <summary>The saga's document for its row.</summary>
    public byte[] Data => _data ??= Write is null ? [] : SagaCodec.Data(Saga);

    public int Rows => 1 + (Write is null ? 0 : Write.Journal.Count + Write.Ledger.Count) + Inbox.Count;

    /// <summary>Makes the document now, where the item is made, so that the lane, which others wait for, need not.</summary>
    public void Encode() => _ = Data;

    /// <summary>About; for the cap of a flush.</summary>
    public int Bytes
    {
        get
        {
            var bytes = 200 + (Start is null ? 0 : Saga.Input.Length) + Data.Length;
            foreach (var entry in Write?.Journal ?? [])
            {
                bytes += 60 + entry.Data.Length;
            }

            return bytes;
        }
    }
}

/// <summary>What became of an item.</summary>
internal abstract record CommitResult
{
    private CommitResult()
    {
    }

    public sealed record Committed : CommitResult;

    /// <summary>The start's key belongs to an earlier start.</summary>
    /// <param name="Same">The requests are the same.</param>
    public sealed record Late(SagaId Kept, bool Same) : CommitResult;

    /// <summary>PostgreSQL will never take it.</summary>
    public sealed record Rejected(Exception Cause) : CommitResult;

    /// <summary>This incarnation can write nothing any more, or is closing: what happens next is another's business.</summary>
    public sealed record Dropped : CommitResult;
}
