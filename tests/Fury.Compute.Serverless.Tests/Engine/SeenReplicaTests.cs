using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Pools;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>A replica on record: what was seen of it now, and what only the record knows.</summary>
public sealed class SeenReplicaTests
{
    private static readonly SeenReplica Ready = new(
        "one", "pod-1", InstanceId.New(TimeProvider.System), ReplicaPhase.Ready, "10.0.0.1", 8080, 0, null, NeverWorks: false);

    [Fact]
    public void Every_end_for_want_of_memory_counts_once_however_often_it_is_seen()
    {
        SeenReplica? known = null;
        foreach (var end in (int[])[0, 1, 1, 0, 1, 4, 4, 0])
        {
            known = (Ready with { OutOfMemoryEnd = end }).After(known);
        }

        Assert.Equal((4, 2), (known!.OutOfMemoryEnd, known.OutOfMemoryKills));
    }

    [Fact]
    public void One_that_is_let_go_stays_so_whatever_its_cluster_shows()
    {
        var ending = Ready with { Ending = true };

        Assert.True(Ready.After(ending).Ending);
        Assert.False(Ready.After(Ready).Ending);
        Assert.Equal(ReplicaPhase.Stopping, Assert.Single(Given(ending).ToState().Replicas).Phase);
        Assert.Equal(0, Given(ending).ReadyToStay);
    }

    [Fact]
    public void Only_one_that_could_serve_is_let_go()
    {
        var replaced = Wishes.Replace(Given(Ready), Given(Ready).Spec.Id, Ready.Id).Value;
        Pool[] asTheyWere =
        [
            Given(Ready with { Ending = true }),
            Given(Ready with { Phase = ReplicaPhase.Stopping }),
            Given(Ready) with { Shares = [new("one", new Dictionary<string, int> { ["a"] = 1 }, 1, Leaving: true)] },
            Given(),
        ];

        Assert.True(replaced.Find(Ready.Id)!.Ending);
        Assert.All(asTheyWere, pool => Assert.Equal(pool, Wishes.Replace(pool, pool.Spec.Id, Ready.Id).Value));
    }

    private static Pool Given(params SeenReplica[] replicas) => Pool.New(new(
        PoolId.New(TimeProvider.System),
        ServerlessComputeTests.Release(ScopeRef.Parse("shop/production-web"), 1, new(100, 64)),
        new("local", "here", "clusters"),
        Replicas: 1,
        Floor: 0,
        Ceiling: 10)) with
    {
        Shares = [new("one", new Dictionary<string, int> { ["a"] = 1 }, 1)],
        Replicas = replicas,
    };
}
