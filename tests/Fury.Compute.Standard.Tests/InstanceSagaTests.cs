using Fury.Compute.Contracts;
using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Providers.Contracts;
using Fury.Testing;
using NSubstitute;

namespace Fury.Compute.Standard.Tests;

/// <summary>Both sagas, failed, crashed and repeated at every step.</summary>
public sealed class InstanceSagaTests
{
    private static readonly PoolSpec Spec = new(
        new(Guid.Parse("00000000-0000-7000-8000-000000000001")),
        Releases.Of(ScopeRef.Parse("shop/test-web"), 1),
        new("fake", FakeInstanceProvider.Region, InstanceProviders.Group),
        Replicas: 1,
        Floor: 0,
        Ceiling: 5);

    private static readonly InstanceId Id = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));

    [Fact]
    public Task A_launch_that_fails_at_any_step_leaves_nothing_behind() => SagaKit.FailsAtEveryStep(Launching);

    [Fact]
    public Task A_launch_that_crashes_at_any_point_ends_as_if_it_had_not() => SagaKit.CrashesAtEveryPoint(Launching);

    [Fact]
    public Task A_launch_whose_every_call_is_made_twice_makes_one_instance() => SagaKit.TakesEveryCallTwice(Launching);

    [Fact]
    public Task A_termination_that_fails_at_any_step_finishes_all_the_same() => SagaKit.FailsAtEveryStep(Terminating);

    [Fact]
    public Task A_termination_that_crashes_at_any_point_ends_as_if_it_had_not() => SagaKit.CrashesAtEveryPoint(Terminating);

    [Fact]
    public Task A_termination_whose_every_call_is_made_twice_ends_the_same() => SagaKit.TakesEveryCallTwice(Terminating);

    [Fact]
    public async Task An_instance_that_was_created_and_never_recorded_is_found_by_its_tag_and_ended()
    {
        var world = new World();
        world.Pools[Spec.Id] = Pool.New(Spec) with { Instances = [Changes.NewInstance(Id, 4711, world.Clock.GetUtcNow())] };
        await world.Cloud.Create(InstanceTags.Request(Spec, Id), default);

        var first = await world.Removal.Remove(Spec.Id, Id, default);
        await world.GoOn();
        var second = await world.Removal.Remove(Spec.Id, Id, default);

        Assert.Equal(FaultKind.Unavailable, first.Fault?.Kind);
        Assert.True(second.IsOk);
        world.HasNothingLeft();
    }

    private static SagaCase<Launch> Launching()
    {
        var world = new World();
        world.Pools[Spec.Id] = Pool.New(Spec) with { Instances = [Changes.NewInstance(Id, 4711, world.Clock.GetUtcNow())] };
        return new(
            new LaunchInstance(world.Pools, world.Providers, world.Removal, world.Watcher, world.Node, world.Clock),
            new(Spec.Id, Id),
            world.HasNothingLeft,
            world.ToString)
        {
            Clock = world.Clock,
            WhileWaiting = world.GoOn,
        };
    }

    private static SagaCase<Termination> Terminating()
    {
        var world = new World();
        var instance = Changes.NewInstance(Id, 4711, world.Clock.GetUtcNow());
        var created = world.Cloud.Create(InstanceTags.Request(Spec, Id), default).Result.Value;
        world.Cloud.Boot(created.Id);
        world.Pools[Spec.Id] = Pool.New(Spec) with
        {
            Phase = PoolPhase.Retiring,
            Instances = [Changes.Stop(instance with { ProviderId = created.Id, WasReady = true }, world.Clock.GetUtcNow())],
        };
        return new(
            new TerminateInstance(world.Removal, world.Clock),
            new(Spec.Id, Id, WasReady: true, world.Clock.GetUtcNow()),
            world.HasNothingLeft,
            world.ToString)
        {
            Clock = world.Clock,
            WhileWaiting = world.GoOn,
        };
    }

    /// <summary>A cloud in which things take until the saga waits.</summary>
    private sealed class World
    {
        public World()
        {
            Providers = new([Cloud]);
            Removal = new(Pools, Providers, Watcher, Clock);
            Node.Name.Returns("node-1");
        }

        public TestClock Clock { get; } = new();

        public InMemoryPools Pools { get; } = new();

        public FakeInstanceProvider Cloud { get; } = new() { AutoBoot = false, AutoStop = false };

        public InstanceProviders Providers { get; }

        public IInstanceWatcher Watcher { get; } = Substitute.For<IInstanceWatcher>();

        public INode Node { get; } = Substitute.For<INode>();

        public Removal Removal { get; }

        public Task GoOn()
        {
            foreach (var live in Cloud.Live)
            {
                if (live.State == ProviderInstanceState.Stopping)
                {
                    Cloud.Stop(live.Id);
                }
                else if (live.State == ProviderInstanceState.Pending)
                {
                    Cloud.Boot(live.Id);
                }
                else if (Pools[Spec.Id].Find(Id) is { } instance)
                {
                    Pools[Spec.Id] = Changes.Seen(Pools[Spec.Id], Id, HealthState.Of(instance).Checked(null));
                }
            }

            return Task.CompletedTask;
        }

        public void HasNothingLeft()
        {
            Assert.Empty(Cloud.Live);
            Assert.Empty(Pools[Spec.Id].Instances);
        }

        public override string ToString() => string.Join(
            '\n',
            [
                $"{Pools[Spec.Id].Phase} {Cloud.Created}",
                .. Pools[Spec.Id].Instances.Select(instance => $"{instance.Id} {instance.Phase} {instance.ProviderId}"),
                .. Cloud.Live.Select(live => $"{live.Id} {live.State}"),
            ]);
    }
}
