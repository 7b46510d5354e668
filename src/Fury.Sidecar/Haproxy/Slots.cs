namespace Fury.Sidecar.Haproxy;

/// <summary>
/// How a scope's weights become the backends of its slots; a request draws one of them. Weights add up to 100, so slots say them exactly. Pure.
/// </summary>
internal static class Slots
{
    /// <summary>Of each scope.</summary>
    public const int Count = 100;

    /// <summary>The slots after a change: as many as can keep what they have, so that a step of weights touches no more than it moves.</summary>
    /// <param name="now">What each slot has; null for one that has nothing.</param>
    /// <param name="shares">What slots may lead to, with weights of which at least one is above 0.</param>
    public static string[] Assign(IReadOnlyList<string?> now, IReadOnlyList<(string To, long Weight)> shares)
    {
        var left = Divide(shares);
        var next = new string[Count];
        for (var slot = 0; slot < Count; slot++)
        {
            if (now[slot] is { } kept && left.GetValueOrDefault(kept) > 0)
            {
                next[slot] = kept;
                left[kept]--;
            }
        }

        var rest = left.SelectMany(share => Enumerable.Repeat(share.Key, share.Value)).GetEnumerator();
        for (var slot = 0; slot < Count; slot++)
        {
            if (next[slot] is null)
            {
                rest.MoveNext();
                next[slot] = rest.Current;
            }
        }

        return next;
    }

    /// <summary>
    /// By largest remainder, where the pools that have an endpoint do not add up to 100. What has weight has a slot, taken from whoever has most.
    /// </summary>
    private static Dictionary<string, int> Divide(IReadOnlyList<(string To, long Weight)> shares)
    {
        var weighted = shares.Where(share => share.Weight > 0).Take(Count).ToList();
        var sum = weighted.Sum(share => share.Weight);
        var counts = weighted.ToDictionary(share => share.To, share => (int)Math.Max(1, share.Weight * Count / sum));
        var order = weighted.OrderByDescending(share => share.Weight * Count % sum).Select(share => share.To).ToList();
        for (var next = 0; counts.Values.Sum() < Count; next++)
        {
            counts[order[next % order.Count]]++;
        }

        while (counts.Values.Sum() > Count)
        {
            counts[counts.MaxBy(share => share.Value).Key]--;
        }

        return counts;
    }
}
