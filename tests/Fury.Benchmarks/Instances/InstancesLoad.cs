using Fury.Compute.Contracts;
using Fury.Compute.Standard.Placing;
using Fury.Compute.Standard.Tests;
using Fury.Kernel;
using Fury.Testing.Aws;
using Fury.Testing.Clouds.Azure;
using Fury.Testing.Clouds.Gcp;

namespace Fury.Benchmarks.Instances;

/// <summary>Why instances cannot be there sooner.</summary>
/// <param name="Of">Whose limit, and of what.</param>
/// <param name="Time">From the wish until the last of them has been asked for, answered, and has booted.</param>
internal sealed record Bound(string Of, TimeSpan Time);

/// <summary>
/// The pools that are wished for: of each ten, five are spread over all regions of all clouds, two over those of AWS and three over those of Google, which
/// takes so many more calls than Azure that an even part of each would measure nothing but Azure's limit. Pure.
/// </summary>
internal static class InstancesLoad
{
    public const int Replicas = 250;

    private static readonly string[] Areas =
    [
        InstancesClouds.Everywhere, "gcp", InstancesClouds.Everywhere, "aws", InstancesClouds.Everywhere, "gcp", InstancesClouds.Everywhere, "aws",
        InstancesClouds.Everywhere, "gcp",
    ];

    /// <summary>In each zone of each region one.</summary>
    public const int WarmReplicas = 27;

    public static IReadOnlyList<PoolSpec> Pools(int instances) =>
        [.. Enumerable.Range(0, instances / Replicas).Select(number => Pool($"s{number}", AreaOf(number), Replicas))];

    /// <summary>Before what is measured.</summary>
    public static PoolSpec Warm() => Pool("warm", InstancesClouds.Everywhere, WarmReplicas);

    /// <summary>How many of them go to each provider.</summary>
    public static IReadOnlyDictionary<string, double> Shares(int instances)
    {
        var areas = Enumerable.Range(0, instances / Replicas).Select(AreaOf).ToList();
        return InstancesClouds.Regions.Keys.ToDictionary(
            cloud => cloud,
            cloud => areas.Sum(area => area == cloud ? Replicas : area == InstancesClouds.Everywhere ? (double)Replicas / InstancesClouds.Regions.Count : 0));
    }

    /// <summary>What no way of asking could beat, the tightest last: full buckets, no call more than is needed, all at once.</summary>
    public static IReadOnlyList<Bound> Bounds(int instances)
    {
        var shares = Shares(instances);
        int InRegion(string cloud) => (int)(shares[cloud] / InstancesClouds.Regions[cloud].Length);
        (string Of, TimeSpan Needs)[] limits =
        [
            ("aws: requests of a region", Ec2Limits.Published[Ec2Limits.Run].Needs((InRegion("aws") + Cells.LotMax - 1) / Cells.LotMax)),
            ("aws: instances of a region", Ec2Limits.Published[Ec2Limits.Run + Ec2Limits.Resources].Needs(InRegion("aws"))),
            ("gcp: creations of a region", GceLimits.Published[GceLimits.Change].Needs(InRegion("gcp"))),
            ("azure: writes of the subscription", AzureLimits.Published[AzureLimits.Writes].Needs((int)shares["azure"])),
        ];
        return [.. limits.Select(limit => new Bound(limit.Of, limit.Needs + InstancesClouds.WriteTakes + InstancesClouds.Boot)).OrderBy(bound => bound.Time)];
    }

    private static PoolSpec Pool(string name, string area, int replicas)
    {
        var artifact = new Artifact("https://artifacts.example/app.tar.gz", $"sha256:{new string('0', 64)}", "run", []);
        var release = Releases.Of(ScopeRef.Parse($"bench/production-{name}"), 1, artifact);
        return new(PoolId.New(TimeProvider.System), release, new("area", area, "instances"), replicas, 0, replicas);
    }

    private static string AreaOf(int pool) => Areas[pool % Areas.Length];
}
