using Fury.Kernel;
using Xunit;

namespace Fury.Testing;

/// <summary>Single replicas.</summary>
public abstract partial class ClusterApiContract
{
    [Fact]
    public async Task A_replica_that_is_ended_makes_room_for_another()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload(replicas: 2);
        await Applied(wish);
        await Until(() => view.Ready(wish.Id) == 2);
        var sick = view.Of(wish.Id)[0].Name;

        var stranger = await Api.EndReplica(Stranger, sick, TimeSpan.Zero, default);
        Assert.Equal(2, view.Ready(wish.Id));
        var ended = await Api.EndReplica(Here, sick, Grace, default);

        await Until(() => view.Ready(wish.Id) == 2 && view.Of(wish.Id).Count == 2 && view.Of(wish.Id).All(replica => replica.Name != sick));
        Assert.Equal((Outcome.Ok, Outcome.Ok), (stranger, ended));
        Assert.Equal(Outcome.Ok, await Api.EndReplica(Here, sick, Grace, default));
        Assert.Equal(2, (await Api.FindPool(Here, wish.Id, default)).Value.Wanted);
        Assert.Empty(view.Mistakes);
    }

    [Fact]
    public async Task What_a_replica_may_be_ended_with_is_bounded()
    {
        Assert.Equal(FaultKind.Invalid, (await Api.EndReplica(Here, "../nodes", Grace, default)).Fault?.Kind);
        Assert.Equal(FaultKind.Invalid, (await Api.EndReplica(Here, "any", TimeSpan.FromHours(2), default)).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await Api.EndReplica(ClusterName.Parse("not-there"), "any", Grace, default)).Fault?.Kind);
    }

    [Fact]
    public async Task What_is_told_of_use_is_of_owned_replicas_only()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload(replicas: 1);
        await Applied(wish);
        await Until(() => view.Ready(wish.Id) == 1);

        var used = await Api.Usage(Here, default);

        Assert.True(used.IsOk, used.Fault?.ToString());
        Assert.Subset(view.Replicas.Select(replica => replica.Name).ToHashSet(), used.Value.Select(usage => usage.Replica).ToHashSet());
        Assert.Empty((await Api.Usage(Stranger, default)).Value);
    }
}
