namespace Fury.Kernel;

/// <summary>A page of a list in key order. Keyset paging: the next page starts after <paramref name="Next"/>, however the list has changed.</summary>
/// <param name="Items">At most the limit asked for.</param>
/// <param name="Next">What to pass as <c>after</c> for the next page; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next)
{
    /// <summary>Makes a page of rows that were asked for with one more than <paramref name="limit"/>.</summary>
    public static Page<T> Of(IReadOnlyList<T> rows, int limit, Func<T, string> key) =>
        rows.Count <= limit ? new(rows, null) : new([.. rows.Take(limit)], key(rows[limit - 1]));
}

/// <summary>Which page of a list is wanted.</summary>
/// <param name="After">The <c>next</c> of the page before; null for the first page.</param>
/// <param name="Limit">How many at most: 1 to <see cref="LimitMax"/>.</param>
public sealed record PageQuery(string? After = null, int Limit = PageQuery.LimitDefault)
{
    public const int LimitDefault = 50;
    public const int LimitMax = 500;
}
