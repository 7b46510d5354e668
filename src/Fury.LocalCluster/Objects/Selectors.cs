using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

internal enum Match
{
    In,
    NotIn,
    Exists,
    Missing,
}

/// <summary>One condition on a label.</summary>
internal sealed record Requirement(string Key, Match Match, string[] Values)
{
    public bool Holds(KeyValuePair<string, string>[] labels)
    {
        foreach (var (key, value) in labels)
        {
            if (key == Key)
            {
                return Match switch
                {
                    Match.In => Values.Contains(value),
                    Match.NotIn => !Values.Contains(value),
                    Match.Exists => true,
                    _ => false,
                };
            }
        }

        return Match is Match.NotIn or Match.Missing;
    }
}

/// <summary>Conditions on labels, all of which must hold; none of them match everything.</summary>
internal sealed record LabelSelector(IReadOnlyList<Requirement> Requirements)
{
    public bool Matches(KeyValuePair<string, string>[] labels)
    {
        foreach (var requirement in Requirements)
        {
            if (!requirement.Holds(labels))
            {
                return false;
            }
        }

        return true;
    }

    public bool Matches(JsonObject? labels) =>
        Matches([.. (labels ?? []).Select(label => KeyValuePair.Create(label.Key, label.Value.Text() ?? ""))]);

    /// <summary>As a query writes it: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>.</summary>
    public static LabelSelector Parse(string text) =>
        new([.. SplitOutsideParentheses(text).Where(part => part.Length > 0).Select(part => ParseOne(part, text))]);

    /// <summary>As objects hold it: <c>matchLabels</c> and <c>matchExpressions</c>. Null for an operator that is not known.</summary>
    public static LabelSelector? Of(JsonObject? selector)
    {
        var requirements = new List<Requirement>();
        foreach (var (key, value) in selector.Object("matchLabels") ?? [])
        {
            requirements.Add(new(key, Match.In, [value.Text() ?? ""]));
        }

        foreach (var expression in selector.Array("matchExpressions") ?? [])
        {
            if (OperatorOf(expression.Text("operator")) is not { } match || expression.Text("key") is not { } key)
            {
                return null;
            }

            requirements.Add(new(key, match, [.. (expression.Array("values") ?? []).Select(value => value.Text() ?? "")]));
        }

        return new(requirements);
    }

    /// <summary>A plain map of labels, as the selectors of services are.</summary>
    public static LabelSelector OfMap(JsonObject map) =>
        new([.. map.Select(label => new Requirement(label.Key, Match.In, [label.Value.Text() ?? ""]))]);

    /// <summary>As a query writes it, for the status of a scale.</summary>
    public override string ToString() => string.Join(',', Requirements.Select(requirement => requirement.Match switch
    {
        Match.In when requirement.Values.Length == 1 => $"{requirement.Key}={requirement.Values[0]}",
        Match.In => $"{requirement.Key} in ({string.Join(',', requirement.Values)})",
        Match.NotIn => $"{requirement.Key} notin ({string.Join(',', requirement.Values)})",
        Match.Exists => requirement.Key,
        _ => $"!{requirement.Key}",
    }));

    private static Match? OperatorOf(string? name) => name switch
    {
        "In" => Match.In,
        "NotIn" => Match.NotIn,
        "Exists" => Match.Exists,
        "DoesNotExist" => Match.Missing,
        _ => null,
    };

    private static Requirement ParseOne(string part, string whole)
    {
        if (part[0] == '!' && !part.Contains('='))
        {
            return new(Key(part[1..], whole), Match.Missing, []);
        }

        if (part.IndexOf('=') is var at and > 0 && !part.Contains('('))
        {
            var not = part[at - 1] == '!';
            var value = part[(at + 1)..].TrimStart('=').Trim();
            return new(Key(part[..(not ? at - 1 : at)], whole), not ? Match.NotIn : Match.In, [value]);
        }

        if (part.IndexOf('(') is var open and > 0 && part[^1] == ')')
        {
            var values = part[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries);
            return part[..open].Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
            {
                [var key, "in"] => new(Key(key, whole), Match.In, values),
                [var key, "notin"] => new(Key(key, whole), Match.NotIn, values),
                _ => throw Bad(whole),
            };
        }

        return new(Key(part, whole), Match.Exists, []);
    }

    private static string Key(string text, string whole) =>
        text.Trim() is { } key && Names.IsLabelKey(key) ? key : throw Bad(whole);

    private static Refusal Bad(string text) =>
        Refusal.BadRequest($"unable to parse requirement: labelSelector \"{text}\" must be conditions such as a=b, a!=b, a in (b,c), a, !a");

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        var (depth, start) = (0, 0);
        for (var index = 0; index < text.Length; index++)
        {
            depth += text[index] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[index] == ',' && depth == 0)
            {
                yield return text[start..index].Trim();
                start = index + 1;
            }
        }

        yield return text[start..].Trim();
    }
}

/// <summary>Conditions on fields: <c>metadata.name=a,spec.nodeName!=b</c>.</summary>
internal sealed record FieldSelector(IReadOnlyList<(string Path, bool Equal, string Value)> Conditions)
{
    public static FieldSelector Parse(string text, Kind kind)
    {
        var conditions = new List<(string, bool, string)>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = part.IndexOf('=');
            if (at <= 0)
            {
                throw Refusal.BadRequest($"invalid field selector: \"{text}\"; must be conditions such as metadata.name=a, metadata.name!=a");
            }

            var not = part[at - 1] == '!';
            var path = part[..(not ? at - 1 : at)];
            if (path != "metadata.name" && !(path == "metadata.namespace" && kind.Namespaced) && !kind.Selectable.Contains(path))
            {
                throw Refusal.BadRequest($"Unable to find \"{kind.Plural}\" that match field selector \"{text}\": field label not supported: {path}");
            }

            conditions.Add((path, !not, part[(at + 1)..].TrimStart('=')));
        }

        return new(conditions);
    }

    public bool Matches(Entry entry)
    {
        JsonObject? read = null;
        foreach (var (path, equal, value) in Conditions)
        {
            var actual = path switch
            {
                "metadata.name" => entry.Name,
                "metadata.namespace" => entry.Namespace,
                "spec.nodeName" when entry.Pod is { } pod => pod.Node,
                "status.phase" when entry.Pod is { } pod => pod.Phase,
                "source" => (read ??= entry.Read()).Text("source", "component"),
                _ => (read ??= entry.Read()).Scalar(path.Split('.')),
            };
            if ((actual ?? (path == "spec.unschedulable" ? "false" : "")) == value != equal)
            {
                return false;
            }
        }

        return true;
    }
}
