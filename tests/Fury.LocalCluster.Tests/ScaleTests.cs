using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace Fury.LocalCluster.Tests;

/// <summary>Very many clusters in one process, as a test of a whole fleet needs them.</summary>
public sealed class ScaleTests(ITestOutputHelper output)
{
    private const int Clusters = 100;
    private const int SetsPerCluster = 26;
    private const int PodsPerSet = 50;
    private const long BytesPerPodMax = 8 * 1024;
    private const double IdlePercentMax = 30;
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(20);

    [Fact]
    [Trait("Category", "Soak")]
    public async Task A_hundred_clusters_of_1300_pods_fit_into_one_process()
    {
        var watch = Stopwatch.StartNew();
        var clusters = new List<Cluster>();
        for (var number = 0; number < Clusters; number++)
        {
            clusters.Add(await Cluster.Start(new() { Name = $"c{number}", Nodes = 13, HistoryMax = 256 }));
        }

        output.WriteLine($"{Clusters} clusters in {watch.ElapsedMilliseconds} ms");
        var empty = Used();
        watch.Restart();
        foreach (var registry in clusters.Select(cluster => cluster.Registry))
        {
            for (var set = 0; set < SetsPerCluster; set++)
            {
                registry.Create(AllKinds.ReplicaSets, "default", JsonNode.Parse(Client.Set($"set-{set}", PodsPerSet, "10m"))!.AsObject(), Writer.Cluster);
            }
        }

        await Fury.Testing.Eventually.True(
            () => clusters.TrueForAll(cluster => cluster.Registry.Store.All(AllKinds.Pods, pod => pod.Pod!.Ready).Count == SetsPerCluster * PodsPerSet),
            TimeSpan.FromMinutes(5));
        var pods = Clusters * SetsPerCluster * PodsPerSet;
        var bytes = (Used() - empty) / pods;
        output.WriteLine($"{pods} pods ready in {watch.ElapsedMilliseconds} ms, {bytes} bytes a pod, {Environment.WorkingSet >> 20} MiB resident");
        Assert.True(bytes < BytesPerPodMax, $"{bytes} bytes a pod");
        var idle = await IdleCpu();
        output.WriteLine($"idle: {idle:0.0} % of a core");
        Assert.True(idle < IdlePercentMax, $"{idle:0.0} % of a core while nothing happens");
        foreach (var cluster in clusters)
        {
            await cluster.DisposeAsync();
        }
    }

    private static async Task<double> IdleCpu()
    {
        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        await Task.Delay(Measured);
        self.Refresh();
        return (self.TotalProcessorTime - before) / Measured * 100;
    }

    private static long Used() => GC.GetTotalMemory(forceFullCollection: true);
}
