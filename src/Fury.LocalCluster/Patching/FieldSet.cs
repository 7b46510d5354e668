using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>
/// Fields of an object as a tree, as <c>managedFields</c> writes them (FieldsV1): <c>f:</c> a field, <c>k:</c> a member of a list by its keys,
/// <c>v:</c> a value of a set, and <c>.</c> the thing itself.
/// </summary>
internal sealed class FieldSet
{
    private const string Self = ".";

    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the field itself is in the set, and not only something below it.</summary>
    public bool Member { get; set; }

    public IReadOnlyDictionary<string, FieldSet> Children => _children;

    public bool IsEmpty => !Member && _children.Count == 0;

    public FieldSet Child(string element)
    {
        if (!_children.TryGetValue(element, out var child))
        {
            _children[element] = child = new();
        }

        return child;
    }

    public FieldSet? Find(string element) => _children.GetValueOrDefault(element);

    public static FieldSet Read(JsonObject? fields)
    {
        var set = new FieldSet();
        if (fields is null or { Count: 0 })
        {
            set.Member = fields is not null;
            return set;
        }

        foreach (var (name, value) in fields)
        {
            if (name == Self)
            {
                set.Member = true;
            }
            else
            {
                set._children[name] = Read(value as JsonObject);
            }
        }

        return set;
    }

    public JsonObject Write()
    {
        var fields = new JsonObject();
        if (Member && _children.Count > 0)
        {
            fields[Self] = new JsonObject();
        }

        foreach (var (name, child) in _children)
        {
            fields[name] = child.Write();
        }

        return fields;
    }

    /// <summary>What is in this set or in the other.</summary>
    public FieldSet Union(FieldSet other)
    {
        var result = new FieldSet { Member = Member || other.Member };
        foreach (var name in _children.Keys.Union(other._children.Keys))
        {
            result._children[name] = (Find(name), other.Find(name)) switch
            {
                ({ } one, { } two) => one.Union(two),
                ({ } one, null) => one,
                (_, var two) => two!,
            };
        }

        return result;
    }

    /// <summary>What is in this set and not in the other.</summary>
    public FieldSet Without(FieldSet other) => Combine(other, (here, there) => here && !there, keepsRest: true);

    /// <summary>What is in both.</summary>
    public FieldSet Both(FieldSet other) => Combine(other, (here, there) => here && there, keepsRest: false);

    /// <summary>Every field in the set, as a path that people read: <c>.spec.containers[name="app"].image</c>.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        if (Member)
        {
            yield return prefix;
        }

        foreach (var (element, child) in _children)
        {
            foreach (var path in child.Paths(prefix + Readable(element)))
            {
                yield return path;
            }
        }
    }

    private FieldSet Combine(FieldSet other, Func<bool, bool, bool> member, bool keepsRest)
    {
        var result = new FieldSet { Member = member(Member, other.Member) };
        foreach (var (name, child) in _children)
        {
            var combined = other.Find(name) is { } there ? child.Combine(there, member, keepsRest) : keepsRest ? child : new();
            if (!combined.IsEmpty)
            {
                result._children[name] = combined;
            }
        }

        return result;
    }

    private static string Readable(string element)
    {
        if (element.StartsWith("f:", StringComparison.Ordinal))
        {
            return "." + element[2..];
        }

        if (element.StartsWith("v:", StringComparison.Ordinal))
        {
            return $"[={element[2..]}]";
        }

        var keys = JsonText.TryParse(element[2..]) as JsonObject ?? [];
        return $"[{string.Join(',', keys.Select(key => $"{key.Key}={key.Value?.ToJsonString()}"))}]";
    }
}
