using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Fury.LocalCluster;
using Fury.Testing;

namespace Fury.ClusterApi.Tests.Clusters;

/// <summary>A control plane is upgraded under running pools, and nobody restarts Fury.</summary>
public sealed class UpgradeTests : LocalClusterTest
{
    [Fact]
    public async Task The_dialect_follows_and_what_was_written_before_stays_managed()
    {
        var cluster = await Start(new ClusterOptions { Version = "1.22" });
        await using var view = new ClusterView(Desk, Name);
        var pools = new List<PoolWorkload>();
        Assert.Equal("autoscaling/v2beta2", (await Desk.Version(Name, default)).Value.Dialect["scaling"]);
        foreach (var version in (string[])["1.22", "1.25", "1.34"])
        {
            if (version != "1.22")
            {
                await cluster.Upgrade(version);
            }

            // Nobody asks for the version: 1.25 still serves the old dialect, and that 1.34 does not has to be noticed by that alone.
            var pool = Workload(replicas: 2, scaling: new PoolScaling(2, 6));
            await Applied(pool);
            pools.Add(pool);
            foreach (var (index, known) in pools.Index())
            {
                var floor = 2 + pools.Count - index;
                var raised = await Desk.SetFloor(Name, known.Id, floor, default);
                Assert.True(raised.IsOk, $"{version}: {raised.Fault}");
                Assert.Equal(floor, raised.Value.Scaling!.Floor);
                await UntilReady(view, known.Id, floor);
            }
        }

        Assert.Equal("autoscaling/v2", (await Desk.Version(Name, default)).Value.Dialect["scaling"]);

        foreach (var pool in pools)
        {
            await Applied(pool with { ClientToken = "after", Scaling = new PoolScaling(1, 7) });
            Assert.Equal(Outcome.Ok, await Desk.Remove(Name, pool.Id, TimeSpan.Zero, default));
            await Eventually.True(() => view.Of(pool.Id).Count == 0);
        }

        Assert.Empty((await Desk.Pools(Name, default)).Value);
        Assert.Empty(view.Mistakes);
    }

    [Fact]
    public async Task A_schedule_names_its_time_zone_only_where_that_is_known()
    {
        var cluster = await Start(new ClusterOptions { Version = "1.22" });
        var schedule = Given.Schedule with { Run = Given.Job with { Template = Workload().Template } };

        Assert.Equal(Outcome.Ok, await Desk.ApplySchedule(Name, schedule, default));
        Assert.Equal(FaultKind.Conflict, (await Desk.ApplySchedule(Name, schedule with { TimeZone = "Europe/Berlin" }, default)).Fault?.Kind);
        await cluster.Upgrade("1.34");
        await Desk.Version(Name, default);

        Assert.Equal(Outcome.Ok, await Desk.ApplySchedule(Name, schedule with { TimeZone = "Europe/Berlin" }, default));
        Assert.Equal(Outcome.Ok, await Desk.RemoveSchedule(Name, schedule.Name, default));
    }
}
