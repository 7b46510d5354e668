using Fury.LittleMonster.Testing;
using Fury.Testing;

namespace Fury.LocalCluster.Tests;

/// <summary>Two nodes of one CPU and twenty pods each, and a clock that moves when the test says so.</summary>
public abstract class OnSimulatedCluster : OnCluster
{
    private protected TestClock Clock { get; } = new();

    private protected override ClusterOptions Options => new() { Nodes = 2, NodeCpu = "1", PodsPerNodeMax = 20, Clock = Clock };

    private protected Task Ready(string set, int pods) => Eventually.True(
        async () => ((await Api.Get($"{Client.Sets}/{set}")).Body.Number("status", "readyReplicas") ?? 0) == pods, because: $"{pods} ready pods of {set}");

    /// <summary>Lets the cluster's time pass by steps until the condition holds.</summary>
    private protected Task Move(Func<Task<bool>> condition, TimeSpan step) => Eventually.True(async () =>
    {
        if (await condition())
        {
            return true;
        }

        Clock.Advance(step);
        return false;
    });
}
