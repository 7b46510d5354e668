using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Pools;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>The saga that ends a replica, failed, crashed and repeated at every step.</summary>
public sealed class EndReplicaTests
{
    [Fact]
    public Task A_replica_is_ended_whatever_fails() => SagaKit.FailsAtEveryStep(() => new World().Case());

    [Fact]
    public Task A_replica_is_ended_whatever_crashes() => SagaKit.CrashesAtEveryPoint(() => new World().Case(), pairs: true);

    [Fact]
    public Task A_replica_whose_end_is_asked_for_twice_ends_the_same() => SagaKit.TakesEveryCallTwice(() => new World().Case());

    [Fact]
    public Task A_replica_that_its_cluster_will_not_end_counts_again_whatever_crashes() =>
        SagaKit.CrashesAtEveryPoint(() => new World { Refusal = new(FaultKind.Forbidden, "may not") }.Case());

    [Theory]
    [InlineData(null, true, true)]
    [InlineData(FaultKind.Forbidden, false, false)]
    public async Task What_its_cluster_takes_is_let_go_and_what_it_refuses_stays(FaultKind? refusal, bool ended, bool ending)
    {
        var world = new World { Refusal = refusal is { } kind ? new(kind, "may not") : null };
        var one = world.Case();

        await new SagaInMemory<ReplicaOrder>(one.Saga, one.Clock).Run(one.Input);

        Assert.Equal((ended, ending), (world.Ended, world.Ending));
    }

    /// <summary>A pool of one replica, and the cluster that has it.</summary>
    private sealed class World
    {
        private readonly SeenReplica _sick = new(
            "one", "pod-1", new(Guid.Parse("00000000-0000-7000-8000-000000000002")), ReplicaPhase.Ready, "10.0.0.1", 80, 0, null, false, Ending: true);

        private readonly IPoolStore _store = Substitute.For<IPoolStore>();
        private readonly IClusterApi _clusters = Substitute.For<IClusterApi>();
        private Pool _pool;

        public World()
        {
            _pool = Pool.New(new(
                new(Guid.Parse("00000000-0000-7000-8000-000000000001")),
                ServerlessComputeTests.Release(ScopeRef.Parse("shop/production-web"), 1, new(100, 64)),
                new("local", "here", "clusters"),
                Replicas: 1,
                Floor: 0,
                Ceiling: 10)) with
            { Replicas = [_sick] };
            _store.Find(_pool.Spec.Id, default).ReturnsForAnyArgs(_ => Task.FromResult<Pool?>(_pool));
            _store.Change(_pool.Spec.Id, Arg.Any<Func<Pool, Pool>>(), default).ReturnsForAnyArgs(call =>
                Task.FromResult<Outcome<Pool>>(_pool = call.Arg<Func<Pool, Pool>>()(_pool)));
            _clusters.EndReplica(default, "", default, default).ReturnsForAnyArgs(call =>
            {
                Assert.Equal(_sick.Name, call.ArgAt<string>(1));
                Ended |= Refusal is null;
                return Task.FromResult(Refusal is null ? Outcome.Ok : Refusal);
            });
        }

        public Fault? Refusal { get; init; }

        /// <summary>In its cluster.</summary>
        public bool Ended { get; private set; }

        /// <summary>On record.</summary>
        public bool Ending => _pool.Find(_sick.Id)!.Ending;

        public SagaCase<ReplicaOrder> Case() => new(
            new EndReplica(_store, _clusters, NullLogger<EndReplica>.Instance),
            new(_pool.Spec.Id, _sick.Cluster, _sick.Name, _sick.Id),
            () => Assert.False(Ended),
            () => $"{Ended} {Ending}");
    }
}
