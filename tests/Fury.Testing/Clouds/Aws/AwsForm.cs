using System.Globalization;

namespace Fury.Testing.Aws;

/// <summary>The fields of a query call, taken one by one: what nobody has taken when the call is done is a field that there is not.</summary>
internal sealed class AwsForm
{
    private readonly Dictionary<string, string> _left;

    public AwsForm(AwsCall call)
    {
        if (!(call.Headers.GetValueOrDefault("content-type") ?? "").StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal))
        {
            throw new AwsRefusal(400, "MalformedQueryString", "The query string must be a form.");
        }

        var pairs = AwsCall.Pairs(call.Text);
        if (pairs.GroupBy(pair => pair.Key).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new AwsRefusal(400, "InvalidParameterCombination", $"The parameter {twice.Key} was given more than once.");
        }

        _left = pairs.ToDictionary();
        Fingerprint = string.Join('&', pairs.Where(pair => pair.Key != "NextToken").OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    /// <summary>Of everything but the page: the same for the same request.</summary>
    public string Fingerprint { get; }

    public string? Take(string name) => _left.Remove(name, out var value) ? value : null;

    public string Need(string name) => Take(name) is { Length: > 0 } value ? value : throw AwsRefusal.Missing(name);

    public int? Number(string name, int min, int max) => Take(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw AwsRefusal.Value(name, text, $"It must be {min} to {max}.");

    /// <summary>Null where it is missing.</summary>
    public string? OneOf(string name, params string[] right)
    {
        var text = Take(name);
        return text is null || right.Contains(text) ? text : throw AwsRefusal.Value(name, text, $"It must be one of {string.Join(", ", right)}.");
    }

    /// <summary>A list, numbered from 1 without a gap.</summary>
    public IReadOnlyList<string> List(string name)
    {
        var values = new List<string>();
        while (Take($"{name}.{values.Count + 1}") is { } value)
        {
            values.Add(value);
        }

        return values;
    }

    /// <summary>Whether any field of the numbered group is there.</summary>
    public bool Has(string prefix) => _left.Keys.Any(key => key.StartsWith($"{prefix}.", StringComparison.Ordinal));

    /// <summary>Filters by name, each with one value at least.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Filters(params string[] known)
    {
        var filters = new Dictionary<string, IReadOnlyList<string>>();
        for (var number = 1; Take($"Filter.{number}.Name") is { } name; number++)
        {
            var values = List($"Filter.{number}.Value");
            if (!known.Any(right => right == name || (right == "tag:*" && name.StartsWith("tag:", StringComparison.Ordinal))) || values.Count is 0 or > 200)
            {
                throw AwsRefusal.Value($"Filter.{number}", name, "There is no such filter, or it has no value, or more than 200.");
            }

            filters.Add(name, values);
        }

        return filters;
    }

    public void Done()
    {
        if (_left.Count > 0)
        {
            throw AwsRefusal.Unknown(_left.Keys.First());
        }
    }
}
