using Fury.Kernel;

namespace Fury.Compute.Standard;

/// <summary>Settings under <c>Fury:Standard</c>.</summary>
internal sealed class StandardOptions
{
    /// <summary>
    /// Regions, of any providers, that a pool may be spread over, under one name, e.g. <c>americas</c> → <c>aws/us-east-1</c>, <c>gcp/us-east4</c>. What is not
    /// there on this host is left out.
    /// </summary>
    public Dictionary<string, IReadOnlyList<string>> Areas { get; init; } = [];

    /// <summary>One that is not healthy so long after it was asked for is given up, and another one launched.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often instances that nobody wants are looked for at a provider that all hosts share.</summary>
    public TimeSpan SweepPeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Names are those of regions of locations.</summary>
    internal static bool IsName(string name) => name.Length <= 40 && ScopeName.TryParse($"{name}-x", out _);
}
