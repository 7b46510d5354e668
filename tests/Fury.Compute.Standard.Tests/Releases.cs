using Fury.Compute.Contracts;
using Fury.Compute.Standard.Placing;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Tests;

internal static class Releases
{
    /// <summary>Where a <see cref="Fury.Testing.FakeInstanceProvider"/> has its instances.</summary>
    public static readonly Place Here = new("fake", "here", null, null, Market.OnDemand);

    /// <summary>A release of the scope; another number, another release.</summary>
    public static ReleaseSpec Of(ScopeRef scope, int number, Artifact? artifact = null) => new(
        ReleaseId.Parse($"{number:x16}"),
        scope,
        VersionName.Parse($"1.{number}.0"),
        artifact ?? new("file:///nowhere", $"sha256:{new string('0', 64)}", "run", []),
        new Dictionary<string, string>(),
        new(CpuMillis: 100, MemoryMiB: 64),
        "/health");
}
