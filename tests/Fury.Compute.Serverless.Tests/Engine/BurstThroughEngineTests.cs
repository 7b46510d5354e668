using System.Diagnostics;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>More pools at once than clusters have room for: from the wishes to the pods.</summary>
public sealed class BurstThroughEngineTests(ITestOutputHelper output)
{
    private static readonly ScopeRef Scope = ScopeRef.Parse("shop/test-burst");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Of all clusters that there are. A host that has only begun says at first that none has proven itself yet.</summary>
    private const string Reason = "no node has room for one: 4";

    [Theory]
    [InlineData(250, 200, false)]
    [InlineData(250, 200, true)]
    public Task Scenario_18_exactly_what_fits_runs_and_the_rest_waits_with_a_reason(int pools, int room, bool dies) => Burst(pools, room, dies);

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData(1000, 800, false)]
    [InlineData(1000, 800, true)]
    public Task Scenario_18_and_the_same_with_a_thousand(int pools, int room, bool dies) => Burst(pools, room, dies);

    /// <param name="dies">The host dies when a quarter of what fits has pods, and another goes on.</param>
    private async Task Burst(int pools, int room, bool dies)
    {
        await using var full = await FullClusters.Start(room);
        PoolSpec[] specs = [.. Enumerable.Range(0, pools).Select(_ => FullClusters.Pool(Scope))];
        var host = await full.StartHost();
        try
        {
            var begun = Stopwatch.GetTimestamp();
            var asking = Ensure(host, specs);
            if (dies)
            {
                await Eventually.True(() => full.Pods.Count >= room / 4, Patience);
                await host.DisposeAsync();
                await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                output.WriteLine($"the first host died with {full.Pods.Count} pods of {room}");
                Assert.True(full.Pods.Count < room, "It died too late to show anything.");

                // Who asked knows nothing of what came of it, and asks for all of it again.
                host = await full.StartHost();
                asking = Ensure(host, specs);
            }

            await asking;
            var engine = host.GetRequiredService<IComputeEngine>();
            IReadOnlyList<PoolState> states = [];
            await Eventually.True(
                async () =>
                {
                    Assert.True(full.Pods.Count <= room, $"There are {full.Pods.Count} pods, and {room} fit.");
                    states = full.Pods.Count == room ? await engine.List(Scope, default) : [];
                    return states.Count(pool => pool.Ready == 1) == room && states.Count(IsFull) == pools - room;
                },
                Patience,
                $"{room} of {pools} run and the others say that there is no room");
            output.WriteLine($"{pools} pools into room for {room}, died: {dies}: {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");

            Assert.Equal(pools, states.Count);
            Assert.All(states, pool => Assert.Equal(pool.Problem is null ? 1 : 0, pool.Replicas.Count));
            Assert.Equal(room, full.Pods.Count);
            Assert.Equal(room, states.SelectMany(pool => pool.Replicas).Select(replica => replica.Id).Distinct().Count());
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    private static bool IsFull(PoolState pool) =>
        pool.Problem is { Kind: FaultKind.Exhausted } full && full.Message.Contains(Reason, StringComparison.Ordinal);

    private static async Task Ensure(ServiceProvider host, PoolSpec[] specs)
    {
        var engine = host.GetRequiredService<IComputeEngine>();
        var wished = await Task.WhenAll(specs.Select(spec => Task.Run(() => engine.Ensure(spec, default))));
        Assert.All(wished, wish => Assert.True(wish.IsOk, wish.Fault?.ToString()));
    }
}
