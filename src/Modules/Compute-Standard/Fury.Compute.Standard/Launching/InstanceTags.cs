using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Launching;

/// <summary>What an instance is marked with at its provider, and what is asked for.</summary>
internal static class InstanceTags
{
    public const string Engine = "fury-engine";
    public const string Standard = "standard";
    public const string Pool = "fury-pool";
    public const string Instance = "fury-instance";
    public const string Scope = "fury-scope";

    /// <summary>The request for an instance of the pool: always the same for the same instance, as a client token demands.</summary>
    public static InstanceRequest Request(PoolSpec pool, InstanceId id)
    {
        var release = pool.Release;
        var environment = new Dictionary<string, string>(release.Environment)
        {
            ["SCOPE"] = release.Scope.Scope.Value,
            ["FURY_APPLICATION"] = release.Scope.Application.Value,
            ["FURY_VERSION"] = release.Version.Value,
            ["FURY_RELEASE"] = release.Id.Value,
            ["FURY_POOL"] = pool.Id.ToString(),
            ["FURY_INSTANCE_ID"] = id.ToString(),
        };
        var tags = new Dictionary<string, string>
        {
            [Engine] = Standard,
            [Pool] = pool.Id.ToString(),
            [Instance] = id.ToString(),
            [Scope] = release.Scope.ToString(),
        };
        return new(
            id.ToString(),
            pool.Location.Region,
            release.Artifact.Uri,
            release.Artifact.Command,
            release.Artifact.Arguments,
            environment,
            release.Size.CpuMillis,
            release.Size.MemoryMiB,
            tags);
    }
}
