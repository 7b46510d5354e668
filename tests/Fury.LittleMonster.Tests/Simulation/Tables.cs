namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>A row of <c>lm.saga</c> or, with its end, of <c>lm.done</c>: bytes and numbers, nothing of anybody's memory.</summary>
internal sealed record SagaTuple(long Id, short Shard, string Key, short Definition, int Version)
{
    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset Deadline { get; init; }

    public required byte[] Input { get; init; }

    public required byte[] Data { get; init; }

    public SagaState State { get; init; }

    public int Step { get; init; }

    public bool Undoing { get; init; }

    public int Attempt { get; init; } = 1;

    public int Seq { get; init; } = 1;

    public DateTimeOffset? DueAt { get; init; }

    public int Flags { get; init; }

    public long? Parent { get; init; }

    public string? Trace { get; init; }

    public long Turn { get; init; }

    public string? Error { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>As <see cref="SagaRow"/> reads it.</summary>
    public SagaRow Read(string name)
    {
        var saga = new SagaRecord
        {
            Id = new SagaId(Id),
            Key = Key,
            Shard = SagaToken.Shard(Key),
            Name = name,
            Version = Version,
            StartedAt = StartedAt,
            Deadline = Deadline,
            Input = Input,
            State = State,
            Step = Step,
            Undoing = EndedAt is null && Undoing,
            Attempt = Attempt,
            Seq = Seq,
            DueAt = EndedAt is null ? DueAt : null,
            Intent = EndedAt is null && Flags == 1,
            Parent = Parent is { } parent ? new SagaId(parent) : null,
            Trace = Trace,
            Recovered = true,
        };
        return new SagaRow(Definition, SagaCodec.Apply(saga, Data), EndedAt);
    }
}

/// <summary>A row of <c>lm.host</c>.</summary>
/// <param name="DeadSince">When it was declared dead because its lease had ended.</param>
internal sealed record HostTuple(long Id, string Name, long Fence, DateTimeOffset LeaseUntil, bool Dead, TimeSpan? DeadSince = null);

/// <summary>A row of <c>lm.journal</c>.</summary>
internal sealed record JournalTuple(int Seq, long Host, long Fence, JournalKind Kind, int Step, int Attempt, byte[] Data);

/// <summary>A row of <c>lm.start_key</c>; saga 0 is a seal.</summary>
internal sealed record KeyTuple(long Saga, byte[] Hash);

/// <summary>A row of <c>lm.resource</c>.</summary>
internal sealed record ResourceTuple(long Saga, int Step, LedgerEntry Entry, string? ExternalId, LedgerState State);

/// <summary>What one transaction changes, and how it was before: a failure in its midst leaves no trace.</summary>
internal sealed class Changes
{
    private readonly Stack<Action> _before = new();

    public void Set<TKey, TValue>(Dictionary<TKey, TValue> table, TKey key, TValue value)
        where TKey : notnull
    {
        var (had, before) = (table.TryGetValue(key, out var old), old);
        _before.Push(had ? () => table[key] = before! : () => table.Remove(key));
        table[key] = value;
    }

    public bool Remove<TKey, TValue>(Dictionary<TKey, TValue> table, TKey key)
        where TKey : notnull
    {
        if (!table.Remove(key, out var before))
        {
            return false;
        }

        _before.Push(() => table[key] = before);
        return true;
    }

    public void Add<T>(List<T> table, T row)
    {
        _before.Push(() => table.RemoveAt(table.Count - 1));
        table.Add(row);
    }

    public void RollBack()
    {
        while (_before.TryPop(out var before))
        {
            before();
        }
    }
}
