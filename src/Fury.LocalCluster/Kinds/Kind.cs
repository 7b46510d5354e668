using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>A version under which a kind is served, in clusters from one minor version on to before another.</summary>
/// <param name="Name">E.g. <c>v1beta1</c>.</param>
/// <param name="From">The first minor version of Kubernetes 1 that serves it.</param>
/// <param name="Until">The first one that does not any more.</param>
internal sealed record ServedVersion(string Name, int From = 0, int Until = int.MaxValue)
{
    /// <summary>From the stored form to this one, in place; null when the two differ in nothing.</summary>
    public Action<JsonObject>? FromStored { get; init; }

    /// <summary>From this form to the stored one, in place; null when the two differ in nothing.</summary>
    public Action<JsonObject>? ToStored { get; init; }

    public bool IsIn(int minor) => minor >= From && minor < Until;
}

/// <summary>A kind of object: how it is named in addresses and bodies, and what of it is served.</summary>
/// <param name="Number">Its place in the tables; the store keeps one shelf for each.</param>
/// <param name="Group">Empty for the core group.</param>
internal sealed record Kind(int Number, string Group, string Plural, string Name, bool Namespaced)
{
    /// <summary>The first is the stored one, and is served by every cluster unless its own range says otherwise.</summary>
    public required IReadOnlyList<ServedVersion> Versions { get; init; }

    public string Singular { get; } = Name.ToLowerInvariant();

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Member of <c>all</c>, as <c>kubectl get all</c> asks for.</summary>
    public bool InAll { get; init; }

    public bool HasStatus { get; init; }

    public bool HasScale { get; init; }

    /// <summary>Whether <c>metadata.generation</c> counts the changes of its spec.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>What is told of it is made when it is asked for: nothing is stored, and it can only be read.</summary>
    public bool IsMeasured { get; init; }

    /// <summary>As access rules and faults name it: a measured kind has the plural of what is measured, and is not meant with it.</summary>
    public string Ruled => IsMeasured ? Resource : Plural;

    /// <summary>Fields, beside name and namespace, that a field selector may name; each is the path of the field.</summary>
    public FrozenSet<string> Selectable { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Group and plural as error messages name it: <c>pods</c>, <c>replicasets.apps</c>.</summary>
    public string Resource { get; } = Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string StoredApiVersion => ApiVersion(Versions[0]);

    public string ApiVersion(ServedVersion version) => Group.Length == 0 ? version.Name : $"{Group}/{version.Name}";

    public bool Equals(Kind? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Number;

    public override string ToString() => Resource;
}
