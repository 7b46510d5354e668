namespace Fury.LittleMonster;

/// <summary>States of a row of the ledger; the numbers are those in <c>lm.resource</c>.</summary>
internal enum LedgerState
{
    /// <summary>It is about to be asked for; whether it exists is not known.</summary>
    Intended = 1,
    Live = 2,
    Gone = 4,

    /// <summary>Found at its provider though no saga stands behind it any more; it is being removed.</summary>
    Orphan = 5,
}

/// <summary>What a saga's write changes in the ledger.</summary>
internal sealed record LedgerChange(int Step, LedgerEntry Entry, LedgerState State, string? ExternalId);
