using System.Security.Cryptography;
using System.Text;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>
/// What sets clusters apart as far as an upgrade is concerned. What went well in a cluster says something of those of its shape, and of no others: the cluster
/// that breaks is the one that is different. Pure.
/// </summary>
internal static class Shapes
{
    /// <summary>So many differences are told.</summary>
    private const int ToldMax = 20;

    /// <summary>The version of the control plane is what an upgrade changes.</summary>
    private const string VersionPrefix = "kubernetes ";

    public static IReadOnlyList<string> Of(IReadOnlyList<string> traits) =>
        [.. traits.Where(trait => !trait.StartsWith(VersionPrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>One name for each shape.</summary>
    public static string NameOf(IReadOnlyList<string> traits) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Of(traits)))))[..16];

    /// <summary>
    /// What sets it apart from the proven shape that is nearest: <c>has</c> what that one has not, then <c>lacks</c>. Where nothing is proven yet there is
    /// nothing to set it apart from.
    /// </summary>
    public static IReadOnlyList<string> Difference(IReadOnlyList<string> traits, IEnumerable<IReadOnlyList<string>> proven)
    {
        var own = Of(traits);
        var nearest = proven
            .Select(other => (Has: own.Except(other).ToArray(), Lacks: other.Except(own).ToArray()))
            .OrderBy(one => one.Has.Length + one.Lacks.Length)
            .FirstOrDefault((Has: [], Lacks: []));
        string[] all = [.. nearest.Has.Select(trait => $"has {trait}"), .. nearest.Lacks.Select(trait => $"lacks {trait}")];
        return all.Length <= ToldMax ? all : [.. all.Take(ToldMax), $"and {all.Length - ToldMax} more"];
    }
}
