using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Launching;

/// <summary>What instances are marked with at their provider, and what is asked for.</summary>
internal static class InstanceTags
{
    public const string Engine = "fury-engine";
    public const string Standard = "standard";
    public const string Pool = "fury-pool";
    public const string Lot = "fury-lot";
    public const string Scope = "fury-scope";

    /// <summary>The request for a lot of the pool: always the same for the same lot, as a client token demands.</summary>
    public static InstanceRequest Request(PoolSpec pool, Launch lot, WorkloadIdentity identity)
    {
        var release = pool.Release;
        var environment = new Dictionary<string, string>(release.Environment.Concat(identity.EnvironmentOf(release.Scope)))
        {
            ["SCOPE"] = release.Scope.Scope.Value,
            ["FURY_APPLICATION"] = release.Scope.Application.Value,
            ["FURY_VERSION"] = release.Version.Value,
            ["FURY_RELEASE"] = release.Id.Value,
            ["FURY_POOL"] = pool.Id.ToString(),
        };
        if (lot.Instances is [var alone])
        {
            // Of several each has the id that its provider gave it.
            environment["FURY_INSTANCE_ID"] = alone.ToString();
        }

        var tags = new Dictionary<string, string>
        {
            [Engine] = Standard,
            [Pool] = pool.Id.ToString(),
            [Lot] = lot.Lot.ToString(),
            [Scope] = release.Scope.ToString(),
        };
        return new(
            lot.Lot.ToString(),
            lot.Place.Region,
            release.Artifact.Uri,
            release.Artifact.Command,
            release.Artifact.Arguments,
            environment,
            release.Size.CpuMillis,
            release.Size.MemoryMiB,
            tags)
        {
            Count = lot.Instances.Count,
            ArtifactDigest = release.Artifact.Digest,
            Architectures = release.Artifact.Architectures,
            HealthPath = release.HealthPath,
            Zone = lot.Place.Zone,
            Type = lot.Place.Type,
            Market = lot.Place.Market,
        };
    }
}
