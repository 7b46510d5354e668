namespace Fury.LocalCluster;

internal static class Program
{
    private static async Task<int> Main()
    {
        await using var cluster = await Cluster.Start(new ClusterOptions { Port = 6443 });
        Console.WriteLine(cluster.Address);
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
