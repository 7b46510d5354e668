using System.Collections.Concurrent;
using System.Globalization;

namespace Fury.Testing.Aws;

/// <summary>Pages of lists. A token leads on in the very list that gave it, once asked with the same fields.</summary>
internal sealed class AwsPages
{
    private readonly ConcurrentDictionary<string, (string Fingerprint, int Skip)> _tokens = new();
    private int _given;

    /// <summary>Items of one page at most, whatever is asked for.</summary>
    public int Max { get; set; } = 1000;

    public (IReadOnlyList<T> Items, string? Next) Of<T>(IReadOnlyList<T> all, AwsForm form, int min, int max)
    {
        var size = Math.Min(Max, form.Number("MaxResults", min, max) ?? max);
        var skip = 0;
        if (form.Take("NextToken") is { } token)
        {
            skip = _tokens.TryGetValue(token, out var known) && known.Fingerprint == form.Fingerprint
                ? known.Skip
                : throw new AwsRefusal(400, "InvalidNextToken", "The token is not of this list.");
        }

        form.Done();
        var items = all.Skip(skip).Take(size).ToList();
        if (skip + items.Count >= all.Count)
        {
            return (items, null);
        }

        var next = $"next+/={Interlocked.Increment(ref _given).ToString(CultureInfo.InvariantCulture)}";
        _tokens[next] = (form.Fingerprint, skip + items.Count);
        return (items, next);
    }
}
