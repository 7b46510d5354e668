namespace Fury.LittleMonster;

/// <summary>A row of the ledger, and what has become of its saga.</summary>
/// <param name="Saga">Null when there is none any more.</param>
internal sealed record LedgerRow(Guid Token, string Kind, string? ExternalId, LedgerState State, DateTimeOffset At, SagaState? Saga);

/// <summary>What a sweep does about one token.</summary>
internal abstract record SweepMove
{
    private SweepMove()
    {
    }

    /// <summary>Nobody stands behind it: it is entered as an orphan, and a saga removes it.</summary>
    public sealed record Remove(LedgerItem Item) : SweepMove;

    /// <summary>It is at its provider, and its saga has completed.</summary>
    public sealed record Adopt(LedgerItem Item) : SweepMove;

    /// <summary>It is not at its provider any more, whoever has removed it.</summary>
    public sealed record Forget(Guid Token) : SweepMove;
}

/// <summary>The ledger against the world, pure.</summary>
internal static class SweepPlan
{
    /// <param name="age">Younger things and rows are left alone: they may be on their way.</param>
    public static IReadOnlyList<SweepMove> Decide(
        IReadOnlyCollection<LedgerItem> found, IReadOnlyCollection<LedgerRow> rows, DateTimeOffset now, TimeSpan age)
    {
        var byToken = rows.ToDictionary(row => row.Token);
        var seen = found.Select(item => item.Token).ToHashSet();
        List<SweepMove> moves = [];
        foreach (var item in found.Where(item => item.CreatedAt < now - age))
        {
            switch (byToken.GetValueOrDefault(item.Token))
            {
                case null:
                case { State: LedgerState.Gone } gone when gone.At < now - age:
                case { State: LedgerState.Orphan }:
                    moves.Add(new SweepMove.Remove(item));
                    break;
                case { State: LedgerState.Intended, Saga: SagaState.Completed }:
                    moves.Add(new SweepMove.Adopt(item));
                    break;
                case { State: LedgerState.Intended, Saga: null or SagaState.Compensated } row when row.At < now - age:
                    moves.Add(new SweepMove.Remove(item));
                    break;
            }
        }

        moves.AddRange(rows
            .Where(row => !seen.Contains(row.Token) && row.At < now - age)
            .Where(row => row.State is LedgerState.Live or LedgerState.Orphan
                || (row.State is LedgerState.Intended && row.Saga is null or SagaState.Completed or SagaState.Compensated))
            .Select(row => new SweepMove.Forget(row.Token)));
        return moves;
    }
}
