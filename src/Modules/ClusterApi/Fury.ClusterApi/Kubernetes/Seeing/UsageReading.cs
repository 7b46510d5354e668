using System.Text.Json;
using Fury.ClusterApi.Contracts;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>What a pod was measured to use.</summary>
/// <param name="At">When, by the cluster's clock.</param>
/// <param name="Cpus">How many it kept busy in the time before.</param>
internal sealed record UsageSample(string Name, DateTimeOffset At, double Cpus, long MemoryBytes);

/// <summary>From PodMetrics to a sample. Pure.</summary>
internal static class UsageReading
{
    /// <summary>Null for what has no time.</summary>
    public static UsageSample? Read(JsonElement metrics)
    {
        var containers = metrics.Items("containers").Select(container => container.At("usage")).ToList();
        return metrics.Time("timestamp") is { } at
            ? new(
                metrics.Name(),
                at,
                (double)containers.Sum(usage => Quantities.Parse(usage.Text("cpu")) ?? 0),
                (long)containers.Sum(usage => Quantities.Parse(usage.Text("memory")) ?? 0))
            : null;
    }
}

/// <summary>From how fast CPU is used, again and again, to how much of it was. Pure.</summary>
internal sealed record UsageSum(IReadOnlyDictionary<string, (UsageSample Last, double CpuSeconds)> ByName)
{
    /// <summary>After a longer gap between two samples no more of it counts: nothing is known of what was in between.</summary>
    public static readonly TimeSpan GapMax = TimeSpan.FromMinutes(1);

    public static UsageSum None { get; } = new(new Dictionary<string, (UsageSample, double)>());

    /// <summary>With these, which are all that there are now. Between two samples the mean of both was used.</summary>
    public UsageSum With(IEnumerable<UsageSample> samples) => new(samples.DistinctBy(sample => sample.Name).ToDictionary(
        sample => sample.Name,
        sample =>
        {
            if (!ByName.TryGetValue(sample.Name, out var before))
            {
                return (sample, 0);
            }

            var gap = Math.Clamp((sample.At - before.Last.At).TotalSeconds, 0, GapMax.TotalSeconds);
            return (sample, before.CpuSeconds + ((before.Last.Cpus + sample.Cpus) / 2 * gap));
        },
        StringComparer.Ordinal));

    public List<ClusterReplicaUsage> ToUsage() =>
        [.. ByName.Values.Select(one => new ClusterReplicaUsage(one.Last.Name, one.CpuSeconds, one.Last.MemoryBytes))];
}
