using Fury.Compute.Contracts;
using Fury.Kernel;
using Xunit;

namespace Fury.Testing;

/// <summary>A replica that is sick though it answers its health check.</summary>
public abstract partial class ComputeEngineContract
{
    [Fact]
    public async Task A_replica_that_is_replaced_is_not_ready_any_more_at_once_and_another_takes_its_place()
    {
        var spec = Pool(replicas: 3);
        await Engine.Ensure(spec, default);
        var before = await Until(spec.Id, pool => pool.Ready == 3);
        var sick = before.Replicas[1].Id;

        var replacing = await Engine.Replace(spec.Id, sick, default);
        var after = await Until(spec.Id, pool => pool is { Ready: 3, Replicas.Count: 3 });

        Assert.True(replacing.IsOk, replacing.Fault?.ToString());
        Assert.DoesNotContain(replacing.Value.Replicas, replica => replica.Id == sick && replica.Phase == ReplicaPhase.Ready);
        Assert.Equal(
            before.Replicas.Select(replica => replica.Id).Where(id => id != sick).ToHashSet(),
            before.Replicas.Select(replica => replica.Id).Intersect(after.Replicas.Select(replica => replica.Id)).ToHashSet());
        Assert.Equal(3, after.Spec.Replicas);
        Assert.All(Told(spec.Id).Where(pool => pool.Revision > before.Revision), pool => Assert.True(pool.Ready >= 2, $"{pool.Ready} were ready"));
    }

    [Fact]
    public async Task A_replica_is_replaced_once_however_often_it_is_asked_for()
    {
        var spec = Pool(replicas: 2);
        await Engine.Ensure(spec, default);
        var before = await Until(spec.Id, pool => pool.Ready == 2);
        var (sick, well) = (before.Replicas[0].Id, before.Replicas[1].Id);

        var asked = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => Engine.Replace(spec.Id, sick, default))));
        var after = await Until(spec.Id, pool => pool is { Ready: 2, Replicas.Count: 2 } && pool.Replicas.All(replica => replica.Id != sick));

        Assert.All(asked, outcome => Assert.True(outcome.IsOk, outcome.Fault?.ToString()));
        Assert.Contains(after.Replicas, replica => replica.Id == well);
        await Eventually.True(async () =>
        {
            var known = (await Engine.Describe(spec.Id, default)).Value;
            var gone = (await Engine.Replace(spec.Id, sick, default)).Value;
            var unknown = (await Engine.Replace(spec.Id, InstanceId.New(TimeProvider.System), default)).Value;
            return (gone.Revision, unknown.Revision) == (known.Revision, known.Revision) && known.Replicas.Any(replica => replica.Id == well);
        });
    }

    [Fact]
    public async Task No_replica_is_replaced_of_a_pool_that_is_not_known_or_retires()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        var replica = (await Until(spec.Id, pool => pool.Ready == 1)).Replicas[0].Id;
        await Engine.Retire(spec.Id, default);

        var retiring = await Engine.Replace(spec.Id, replica, default);
        await Until(spec.Id, pool => pool.Phase == PoolPhase.Retired);

        Assert.Equal(FaultKind.Conflict, retiring.Fault?.Kind);
        Assert.Equal(FaultKind.Conflict, (await Engine.Replace(spec.Id, replica, default)).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await Engine.Replace(PoolId.New(TimeProvider.System), replica, default)).Fault?.Kind);
    }
}
