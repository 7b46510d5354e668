using System.Text.Json;
using Fury.ClusterApi.Kubernetes.Seeing;

namespace Fury.ClusterApi.Tests.Seeing;

/// <summary>From what a metrics server says to what was used.</summary>
public sealed class UsageReadingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void All_containers_of_a_pod_count()
    {
        var sample = UsageReading.Read(JsonElement.Parse("""
            {"metadata": {"name": "web-1"}, "timestamp": "2026-03-01T12:00:00Z", "window": "15.2s",
             "containers": [{"name": "app", "usage": {"cpu": "250000000n", "memory": "100Mi"}}, {"name": "side", "usage": {"cpu": "50m", "memory": "1024Ki"}}]}
            """));

        Assert.Equal(new UsageSample("web-1", Now, 0.3, 101 << 20), sample);
    }

    [Theory]
    [InlineData("""{"metadata": {"name": "web-1"}}""")]
    [InlineData("""{"metadata": {"name": "web-1"}, "timestamp": "soon", "containers": []}""")]
    public void What_has_no_time_is_no_sample(string metrics) => Assert.Null(UsageReading.Read(JsonElement.Parse(metrics)));

    [Fact]
    public void What_was_used_between_two_samples_is_the_mean_of_both()
    {
        var sum = UsageSum.None.With([Sample(0, cpus: 1)]).With([Sample(10, cpus: 3)]).With([Sample(20, cpus: 0)]);

        Assert.Equal((10 * 2) + (10 * 1.5), Assert.Single(sum.ToUsage()).CpuSeconds, precision: 6);
    }

    [Fact]
    public void The_same_sample_again_adds_nothing_and_neither_does_a_clock_that_goes_back()
    {
        var sum = UsageSum.None.With([Sample(10, cpus: 1)]).With([Sample(10, cpus: 1)]).With([Sample(0, cpus: 1)]);

        Assert.Equal(0, Assert.Single(sum.ToUsage()).CpuSeconds);
    }

    [Fact]
    public void Of_a_long_gap_no_more_counts_than_could_be_known() => Assert.Equal(
        UsageSum.GapMax.TotalSeconds,
        Assert.Single(UsageSum.None.With([Sample(0, cpus: 1)]).With([Sample(100_000, cpus: 1)]).ToUsage()).CpuSeconds);

    [Fact]
    public void What_is_not_told_of_any_more_is_forgotten() => Assert.Empty(UsageSum.None.With([Sample(0, cpus: 1)]).With([]).ToUsage());

    private static UsageSample Sample(int second, double cpus) => new("web-1", Now.AddSeconds(second), cpus, 1 << 20);
}
