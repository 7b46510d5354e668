using Fury.Compute.Contracts;
using Fury.Compute.Standard.Autoscaling;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Compute.Standard.Tests.Autoscaling;

/// <summary>Pools that scale themselves, on a real database; nothing runs but what a test calls.</summary>
public sealed class AutoscaledPoolTests(StandardHost host) : IClassFixture<StandardHost>
{
    private static readonly AutoscalePolicy ByQueue = new([new("queue", 100)], [], WarmUpSeconds: 0, CoolDownSeconds: 0);

    private readonly AutoscaleReconciler _scaling = host.Get<IEnumerable<IReconciler>>().OfType<AutoscaleReconciler>().Single();

    [Fact]
    public async Task A_pool_grows_and_shrinks_with_its_metric_between_its_floor_and_its_ceiling()
    {
        var spec = Spec(ByQueue);
        await host.Engine.Ensure(spec, default);

        Assert.Equal(5, await After(spec.Id, 480));
        Assert.Equal(6, await After(spec.Id, 100_000));

        // A host that takes over has seen no load yet.
        Assert.Equal(1, await After(spec.Id, 0, fence: 2));
    }

    [Fact]
    public async Task Asking_for_the_pool_again_leaves_its_size_and_asking_for_another_number_begins_there()
    {
        var spec = Spec(ByQueue);
        await host.Engine.Ensure(spec, default);
        await After(spec.Id, 480);

        await host.Engine.Ensure(spec, default);
        Assert.Equal(5, await Wanted(spec.Id));

        await host.Engine.Ensure(spec with { Replicas = 3 }, default);
        Assert.Equal(3, await Wanted(spec.Id));
    }

    [Fact]
    public async Task While_it_may_not_shrink_it_only_grows()
    {
        var spec = Spec(ByQueue) with { MayShrink = false };
        await host.Engine.Ensure(spec, default);

        Assert.Equal(5, await After(spec.Id, 480));
        Assert.Equal(5, await After(spec.Id, 0));
    }

    [Fact]
    public async Task The_day_of_a_scope_is_kept_for_the_pools_that_come_after()
    {
        var store = host.Get<AutoscaleStore>();
        var key = new DayKey(ScopeRef.Parse("shop/test-day"), new("fake", FakeInstanceProvider.Region, "instances"));
        var day = DayProfile.None.With(3, 12.5).With(143, 7);

        await store.Keep([(key, day)], default);
        await store.Keep([(key, day.With(3, 20))], default);
        var read = await store.Days([key, key with { Scope = ScopeRef.Parse("shop/test-other") }], default);

        Assert.Equal((16.25f, 7f, (byte)2, (byte)1), (read[key].Needs[3], read[key].Needs[143], read[key].Days[3], read[key].Days[143]));
        Assert.Single(read);
    }

    [Fact]
    public async Task A_policy_that_cannot_be_right_is_refused_by_its_fields()
    {
        var refused = await host.Engine.Ensure(Spec(new([new("cpu", 0)], [], WarmUpSeconds: -1)), default);

        Assert.Equal(FaultKind.Invalid, refused.Fault?.Kind);
        Assert.Contains(refused.Fault!.Fields, field => field is { Field: "autoscale.targets[0].perReplica", Value: "0" });
    }

    private async Task<int> After(PoolId pool, double queue, long fence = 1)
    {
        host.Queues[pool] = queue;
        await _scaling.Pass(fence, default);
        return await Wanted(pool);
    }

    private async Task<int> Wanted(PoolId pool) => (await host.Get<Pools.IPoolStore>().Find(pool, default))!.Wanted;

    private static PoolSpec Spec(AutoscalePolicy policy)
    {
        var id = PoolId.New(TimeProvider.System);
        return new(
            id,
            Releases.Of(ScopeRef.Parse($"shop/test-{id.Value:N}"[..30]), 1),
            new("fake", FakeInstanceProvider.Region, "instances"),
            Replicas: 2,
            Floor: 1,
            Ceiling: 6)
        {
            Autoscale = policy,
        };
    }
}
