namespace Fury.ClusterApi.Contracts;

/// <summary>
/// What sets a cluster apart from others: two clusters of the same traits are of one shape, and what is in one and not in the other is the difference.
/// How many nodes there are, and what people run, is no part of it.
/// </summary>
/// <param name="Traits">
/// Short facts in the orchestrator's words, e.g. <c>node architecture arm64</c>; each once, in ordinal order. What the cluster does not tell is a trait
/// too, e.g. <c>admission not told</c>.
/// </param>
public sealed record ClusterTraits(ClusterVersion Version, IReadOnlyList<string> Traits)
{
    /// <summary>Of a cluster with more, one of them says so: <see cref="More"/>.</summary>
    public const int TraitsMax = 500;

    /// <summary>Characters of one trait; a longer one is cut, and ends in <c>…</c>.</summary>
    public const int TraitLengthMax = 200;

    /// <summary>Stands for all traits above <see cref="TraitsMax"/>.</summary>
    public const string More = "more traits than are told";
}
