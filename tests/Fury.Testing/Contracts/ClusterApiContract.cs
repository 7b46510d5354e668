using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Xunit;

namespace Fury.Testing;

/// <summary>
/// What every cluster keeps, whatever orchestrator and version it runs. A subclass gives the cluster. Nothing here needs replicas that really
/// run: where nobody runs them, <see cref="ClusterUnderTest.Tend"/> says in their place that they are ready. What needs running ones is in
/// <see cref="ClusterReplicasContract"/>.
/// </summary>
public abstract partial class ClusterApiContract : ClusterUnderTest
{
    [Fact]
    public async Task A_cluster_says_what_it_runs()
    {
        var version = (await Api.Version(Here, default)).Value;

        Assert.Contains($"{version.Major}.{version.Minor}", version.Text, StringComparison.Ordinal);
        Assert.NotEmpty(version.Dialect);
    }

    [Fact]
    public async Task A_cluster_that_is_not_known_is_not_found()
    {
        var unknown = ClusterName.Parse("not-there");

        Assert.Equal(FaultKind.NotFound, (await Api.Version(unknown, default)).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await Api.Traits(unknown, default)).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await Api.Apply(unknown, Workload(), default)).Fault?.Kind);
        var news = Assert.Single(await Api.Watch(unknown, default).ToListAsync());
        Assert.Equal(FaultKind.NotFound, Assert.IsType<ClusterNews.Interrupted>(news).Why.Kind);
    }

    [Fact]
    public async Task A_pool_gets_its_replicas_and_they_become_ready()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload(replicas: 3);

        var pool = await Applied(wish);

        Assert.Equal((wish.Id, wish.Marks, wish.ClientToken, 3), (pool.Id, pool.Marks, pool.ClientToken, pool.Wanted));
        await Until(() => view.Ready(wish.Id) == 3);
        Assert.All(view.Of(wish.Id), replica => Assert.NotNull(replica.Address));
        Assert.All(view.Of(wish.Id), replica => Assert.Equal(wish.Template.Port, replica.Port));
        await Until(async () => (await Api.FindPool(Here, wish.Id, default)).Value is { Running: 3, Ready: 3 });
        Assert.Empty(view.Mistakes);
    }

    [Fact]
    public async Task The_same_wish_again_is_the_same_pool()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload(replicas: 2, scaling: new PoolScaling(2, 5));

        var all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Api.Apply(Here, wish, default)));
        await Applied(wish);

        Assert.All(all, one => Assert.True(one.IsOk, one.Fault?.ToString()));
        await Until(() => view.Ready(wish.Id) == 2);
        Assert.Single((await Api.Pools(Here, default)).Value, pool => pool.Id == wish.Id);
    }

    [Fact]
    public async Task Another_wish_under_a_known_token_and_another_template_are_conflicts()
    {
        var wish = Workload();
        await Applied(wish);

        var numbers = await Api.Apply(Here, wish with { Replicas = 5 }, default);
        var template = await Api.Apply(
            Here, wish with { ClientToken = "later", Template = wish.Template with { Port = wish.Template.Port + 1 } }, default);

        Assert.Equal(FaultKind.Conflict, numbers.Fault?.Kind);
        Assert.Equal(FaultKind.Conflict, template.Fault?.Kind);
        Assert.Equal(wish.Replicas, (await Api.FindPool(Here, wish.Id, default)).Value.Wanted);
    }

    [Fact]
    public async Task A_new_wish_moves_the_numbers()
    {
        var wish = Workload(replicas: 1);
        await Applied(wish);

        var more = await Applied(wish with { ClientToken = "second", Replicas = 3 });
        var scaled = await Applied(wish with { ClientToken = "third", Replicas = 2, Scaling = new PoolScaling(2, 6, 50), UnavailableMax = 2 });
        var fixedAgain = await Applied(wish with { ClientToken = "fourth", Replicas = 2 });

        Assert.Equal((3, "second"), (more.Wanted, more.ClientToken));
        // With autoscaling the present number is the autoscaler's, who may have looked already.
        Assert.Equal(new PoolScaling(2, 6, 50), scaled.Scaling);
        Assert.InRange(scaled.Wanted, 2, 3);
        Assert.Equal((2, null), (fixedAgain.Wanted, fixedAgain.Scaling));
    }

    [Fact]
    public async Task A_late_repeat_undoes_no_newer_order()
    {
        var wish = Workload(replicas: 1);
        await Applied(wish);

        await Api.SetReplicas(Here, wish.Id, 4, default);
        var repeated = await Applied(wish);

        Assert.Equal(4, repeated.Wanted);
    }

    [Fact]
    public async Task Replicas_are_set_up_down_and_to_none()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload(replicas: 1);
        await Applied(wish);

        foreach (var replicas in (int[])[3, 1, 0, 2])
        {
            Assert.Equal(replicas, (await Api.SetReplicas(Here, wish.Id, replicas, default)).Value.Wanted);
            await Until(() => view.Ready(wish.Id) == replicas && view.Of(wish.Id).All(replica => replica.Stage == ReplicaStage.Ready));
        }

        Assert.Equal(FaultKind.NotFound, (await Api.SetReplicas(Here, PoolId.New(TimeProvider.System), 1, default)).Fault?.Kind);
        Assert.Empty(view.Mistakes);
    }

    [Fact]
    public async Task A_floor_grows_the_pool_and_never_shrinks_it()
    {
        var wish = Workload(replicas: 2, scaling: new PoolScaling(1, 6));
        await Applied(wish);

        var raised = (await Api.SetFloor(Here, wish.Id, 4, default)).Value;
        var lowered = (await Api.SetFloor(Here, wish.Id, 0, default)).Value;

        Assert.Equal((4, 4), (raised.Scaling!.Floor, raised.Wanted));
        Assert.Equal((0, 4), (lowered.Scaling!.Floor, lowered.Wanted));
        Assert.Equal(FaultKind.Invalid, (await Api.SetFloor(Here, wish.Id, 7, default)).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await Api.SetFloor(Here, PoolId.New(TimeProvider.System), 1, default)).Fault?.Kind);
        var unscaled = Workload();
        await Applied(unscaled);
        Assert.Equal(FaultKind.Conflict, (await Api.SetFloor(Here, unscaled.Id, 1, default)).Fault?.Kind);
    }

    [Fact]
    public async Task A_removed_pool_goes_with_its_replicas_and_may_be_removed_again()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload(replicas: 2, scaling: new PoolScaling(2, 4));
        await Applied(wish);
        await Until(() => view.Ready(wish.Id) == 2);

        var removed = await Api.Remove(Here, wish.Id, Grace, default);

        Assert.True(removed.IsOk, removed.Fault?.ToString());
        await Until(() => view.Of(wish.Id).Count == 0);
        await Until(async () => (await Api.FindPool(Here, wish.Id, default)).Fault?.Kind == FaultKind.NotFound);
        Assert.True((await Api.Remove(Here, wish.Id, Grace, default)).IsOk);
        Assert.DoesNotContain((await Api.Pools(Here, default)).Value, pool => pool.Id == wish.Id);
        Assert.Empty(view.Mistakes);
    }

    [Fact]
    public async Task What_belongs_to_another_is_neither_seen_nor_touched()
    {
        await using var theirs = new ClusterView(Api, Stranger);
        var wish = Workload(replicas: 1);
        await Applied(wish);

        Assert.Equal(FaultKind.Conflict, (await Api.Apply(Stranger, wish, default)).Fault?.Kind);
        Assert.Equal(FaultKind.Conflict, (await Api.SetReplicas(Stranger, wish.Id, 3, default)).Fault?.Kind);
        Assert.Equal(FaultKind.Conflict, (await Api.Remove(Stranger, wish.Id, Grace, default)).Fault?.Kind);
        Assert.Empty((await Api.Pools(Stranger, default)).Value);
        await Until(() => theirs.Syncs > 0);
        Assert.Empty(theirs.Replicas);
        Assert.Equal(1, (await Api.FindPool(Here, wish.Id, default)).Value.Wanted);
    }

    [Fact]
    public async Task A_watch_begins_with_all_that_there_is()
    {
        var wish = Workload(replicas: 2);
        await Applied(wish);
        await Until(async () => (await Api.FindPool(Here, wish.Id, default)).Value.Running == 2);

        var news = new List<ClusterNews>();
        await foreach (var one in Api.Watch(Here, default))
        {
            news.Add(one);
            if (one is ClusterNews.Synced)
            {
                break;
            }
        }

        Assert.Equal(2, news.OfType<ClusterNews.ReplicaSeen>().Count(seen => seen.Replica.Pool == wish.Id));
        Assert.Equal(
            (await Api.Capacity(Here, default)).Value.Nodes.Select(node => node.Name).Order(),
            news.OfType<ClusterNews.NodeSeen>().Select(seen => seen.Node.Name).Order());
    }

    [Fact]
    public async Task A_watch_ends_when_its_cluster_is_forgotten()
    {
        var name = ClusterName.Parse("soon-forgotten");
        Assert.True((await Api.Connect(name, Access, default)).IsOk);
        await using var view = new ClusterView(Api, name);
        await Until(() => view.Syncs > 0);

        Assert.True((await Api.Connect(name, Access, default)).IsOk);
        Assert.False(view.HasEnded);
        await Api.Disconnect(name);

        await Until(() => view.HasEnded);
        Assert.DoesNotContain(name, Api.Clusters);
    }

    [Fact]
    public async Task Capacity_adds_up()
    {
        var capacity = (await Api.Capacity(Here, default)).Value;

        var usable = capacity.Nodes.Where(node => node is { IsReady: true, IsOpen: true }).ToList();
        Assert.Equal(usable.Sum(node => (long)node.Allocatable.CpuMillis), capacity.Allocatable.CpuMillis);
        Assert.Equal(usable.Sum(node => (long)node.Requested!.CpuMillis), capacity.Requested.CpuMillis);
        Assert.True(capacity.LargestHole.CpuMillis <= usable.Select(node => node.Allocatable.CpuMillis).DefaultIfEmpty().Max());
    }

    [Fact]
    public async Task Traits_are_the_clusters_and_not_of_what_runs_there()
    {
        var before = (await Api.Traits(Here, default)).Value;
        await Applied(Workload(replicas: 2));
        var after = (await Api.Traits(Stranger, default)).Value;

        Assert.Equal((await Api.Version(Here, default)).Value.Text, before.Version.Text);
        Assert.NotEmpty(before.Traits);
        Assert.Equal(before.Traits.Distinct().Order(StringComparer.Ordinal), before.Traits);
        Assert.True(before.Traits.Count <= ClusterTraits.TraitsMax);
        Assert.All(before.Traits, trait => Assert.InRange(trait.Length, 1, ClusterTraits.TraitLengthMax));
        Assert.Equal(before.Traits, after.Traits);
    }

    [Fact]
    public async Task A_job_is_run_once_for_its_name()
    {
        var job = Job();
        var first = await Api.RunJob(Here, job, default);
        var again = await Api.RunJob(Here, job, default);
        var other = await Api.RunJob(Here, job with { Retries = 5 }, default);

        Assert.True(first.IsOk, first.Fault?.ToString());
        Assert.True(again.IsOk, again.Fault?.ToString());
        Assert.Equal(FaultKind.Conflict, other.Fault?.Kind);
        Assert.Equal(job.Name, (await Api.FindJob(Here, job.Name, default)).Value.Name);
        Assert.Contains((await Api.Jobs(Here, default)).Value, known => known.Name == job.Name);
        Assert.True((await Api.RemoveJob(Here, job.Name, default)).IsOk);
        Assert.True((await Api.RemoveJob(Here, job.Name, default)).IsOk);
        await Until(async () => (await Api.FindJob(Here, job.Name, default)).Fault?.Kind == FaultKind.NotFound);
    }

    [Fact]
    public async Task A_schedule_is_applied_changed_and_removed()
    {
        var job = Job();
        var schedule = new ScheduleWorkload(job.Name, "30 3 * * *", "UTC", RunConcurrency.Forbid, job, TimeSpan.FromMinutes(5));

        Assert.Equal(Outcome.Ok, await Api.ApplySchedule(Here, schedule, default));
        Assert.Equal(Outcome.Ok, await Api.ApplySchedule(Here, schedule with { Cron = "0 4 * * *", IsPaused = true }, default));
        Assert.Equal(FaultKind.Conflict, (await Api.RemoveSchedule(Stranger, schedule.Name, default)).Fault?.Kind);
        Assert.Equal(Outcome.Ok, await Api.RemoveSchedule(Here, schedule.Name, default));
        Assert.Equal(Outcome.Ok, await Api.RemoveSchedule(Here, schedule.Name, default));
        Assert.Equal(FaultKind.Invalid, (await Api.ApplySchedule(Here, schedule with { Cron = "often" }, default)).Fault?.Kind);
    }

    [Fact]
    public async Task What_cannot_be_right_is_invalid_and_every_bad_field_is_named()
    {
        var wish = Workload() with { ClientToken = "", Replicas = -1, UnavailableMax = 0 };

        var fault = (await Api.Apply(Here, wish with { Template = wish.Template with { Port = 0 } }, default)).Fault;

        Assert.Equal(FaultKind.Invalid, fault?.Kind);
        Assert.Equal(
            ["clientToken", "replicas", "template.port", "unavailableMax"], fault!.Fields.Select(field => field.Field).Order(StringComparer.Ordinal));
        Assert.Equal(FaultKind.NotFound, (await Api.FindPool(Here, wish.Id, default)).Fault?.Kind);
    }
}
