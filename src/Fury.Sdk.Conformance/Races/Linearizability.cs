namespace Fury.Sdk.Conformance.Races;

/// <summary>One operation on one register, from its call to its answer.</summary>
/// <param name="Apply">The register's value after it, when it could have given its answer at that value; else null.</param>
/// <param name="MayBeLost">Its outcome is not known: it may also never have happened.</param>
internal sealed record HistoryItem(long Begun, long Ended, Func<string?, (bool Fits, string? Next)> Apply, bool MayBeLost, string Text);

/// <summary>
/// Whether a history could have come from one register that does one thing at a time (Wing and Gong's search, with what was visited remembered).
/// </summary>
internal static class Linearizability
{
    /// <summary>At most 62 operations.</summary>
    public static bool Check(IReadOnlyList<HistoryItem> history, string? start)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(history.Count, 62);
        var visited = new HashSet<(long Done, string? Value)>();
        var certain = history.Select((item, index) => item.MayBeLost ? 0L : 1L << index).Aggregate(0L, (a, b) => a | b);
        return Search(0, start);

        bool Search(long done, string? value)
        {
            if ((done & certain) == certain)
            {
                return true;
            }

            if (!visited.Add((done, value)))
            {
                return false;
            }

            // Only what had begun before the first answer among the rest can be next.
            var firstAnswer = history.Where((item, index) => (done & (1L << index)) == 0 && !item.MayBeLost).Min(item => item.Ended);
            for (var index = 0; index < history.Count; index++)
            {
                var item = history[index];
                if ((done & (1L << index)) == 0 && item.Begun <= firstAnswer && item.Apply(value) is { Fits: true } applied
                    && Search(done | (1L << index), applied.Next))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
