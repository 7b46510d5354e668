using Fury.Compute.Contracts;
using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Placing;
using Fury.Compute.Standard.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Providers.Contracts;
using Fury.Testing;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace Fury.Compute.Standard.Tests;

/// <summary>Both sagas, failed, crashed and repeated at every step, at one's own machine and at a cloud that shows late what it has made.</summary>
public sealed class InstanceSagaTests
{
    private static readonly PoolSpec Spec = new(
        new(Guid.Parse("00000000-0000-7000-8000-000000000001")),
        Releases.Of(ScopeRef.Parse("shop/test-web"), 1),
        new("fake", FakeInstanceProvider.Region, InstanceProviders.Group),
        Replicas: 3,
        Floor: 0,
        Ceiling: 5);

    private static readonly Launch Lot = new(
        Spec.Id,
        Guid.Parse("00000000-0000-7000-8000-00000000000f"),
        Releases.Here,
        [.. Enumerable.Range(2, 3).Select(number => new InstanceId(Guid.Parse($"00000000-0000-7000-8000-{number:x12}")))]);

    private static readonly InstanceId Id = Lot.Instances[0];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_launch_that_fails_at_any_step_leaves_nothing_behind(bool isCloud) => SagaKit.FailsAtEveryStep(() => Launching(isCloud));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_launch_that_crashes_at_any_point_ends_as_if_it_had_not(bool isCloud) => SagaKit.CrashesAtEveryPoint(() => Launching(isCloud));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_launch_whose_every_call_is_made_twice_makes_each_instance_once(bool isCloud) => SagaKit.TakesEveryCallTwice(() => Launching(isCloud));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_termination_that_fails_at_any_step_finishes_all_the_same(bool isCloud) => SagaKit.FailsAtEveryStep(() => Terminating(isCloud));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_termination_that_crashes_at_any_point_ends_as_if_it_had_not(bool isCloud) => SagaKit.CrashesAtEveryPoint(() => Terminating(isCloud));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_termination_whose_every_call_is_made_twice_ends_the_same(bool isCloud) => SagaKit.TakesEveryCallTwice(() => Terminating(isCloud));

    [Fact]
    public async Task Instances_that_were_created_and_never_recorded_are_found_by_their_tag_and_ended_once_the_provider_shows_them()
    {
        var world = new World(isCloud: true);
        await world.Cloud.Create(InstanceTags.Request(Spec, Lot, WorkloadIdentity.None), default);

        var unseen = await world.Removal.RemoveLot(Lot, default);
        world.Clock.Advance(world.Cloud.VisibleAfter);
        var ending = await world.Removal.RemoveLot(Lot, default);
        await world.GoOn();
        world.Clock.Advance(world.Cloud.Settling);
        var ended = await world.Removal.RemoveLot(Lot, default);

        Assert.Equal(FaultKind.Unavailable, unseen.Fault?.Kind);
        Assert.Equal(FaultKind.Unavailable, ending.Fault?.Kind);
        Assert.True(ended.IsOk);
        world.HasNothingLeft();
    }

    [Fact]
    public async Task An_instance_whose_lot_is_still_asked_for_is_not_taken_for_gone()
    {
        var world = new World(isCloud: true);

        var early = await world.Removal.Remove(Spec.Id, Id, default);
        world.Pools[Spec.Id] = Changes.Given(
            world.Pools[Spec.Id], Lot.Lot, (await world.Cloud.Create(InstanceTags.Request(Spec, Lot, WorkloadIdentity.None), default)).Value);
        world.Clock.Advance(world.Cloud.VisibleAfter);
        await world.Removal.Remove(Spec.Id, Id, default);
        await world.GoOn();
        world.Clock.Advance(world.Cloud.Settling);
        var late = await world.Removal.Remove(Spec.Id, Id, default);

        Assert.Equal(FaultKind.Unavailable, early.Fault?.Kind);
        Assert.True(late.IsOk, late.Fault?.Message);
        Assert.Equal(2, world.Cloud.Live.Count);
        Assert.Equal(Lot.Instances.Skip(1), world.Pools[Spec.Id].Instances.Select(instance => instance.Id));
    }

    private static SagaCase<Launch> Launching(bool isCloud)
    {
        var world = new World(isCloud);
        return new(
            new LaunchLot(
                world.Pools, Substitute.For<IOutageStore>(), world.Providers, world.Removal, Substitute.For<IInstanceWatcher>(), world.Node,
                WorkloadIdentity.None, Options.Create(new StandardOptions()), world.Clock),
            Lot,
            world.HasNothingLeft,
            world.ToString)
        {
            Clock = world.Clock,
            WhileWaiting = world.GoOn,
        };
    }

    private static SagaCase<Termination> Terminating(bool isCloud)
    {
        var world = new World(isCloud);
        var created = world.Cloud.Create(InstanceTags.Request(Spec, Lot with { Instances = [Id] }, WorkloadIdentity.None), default).Result.Value[0];
        world.Cloud.Boot(created.Id);
        world.Pools[Spec.Id] = Pool.New(Spec) with
        {
            Phase = PoolPhase.Retiring,
            Instances = [Changes.Stop(world.New(Id) with { ProviderId = created.Id, WasReady = true }, world.Clock.GetUtcNow())],
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

    /// <summary>A cloud in which things take until the saga waits, and whose pool waits for the lot.</summary>
    private sealed class World
    {
        public World(bool isCloud)
        {
            Cloud = new()
            {
                AutoBoot = false,
                AutoStop = false,
                IsShared = isCloud,
                Clock = Clock,
                VisibleAfter = isCloud ? TimeSpan.FromSeconds(30) : TimeSpan.Zero,
                Settling = isCloud ? TimeSpan.FromMinutes(1) : TimeSpan.Zero,
            };
            Providers = new([Cloud], Options.Create(new StandardOptions()));
            Removal = new(Pools, Providers, Substitute.For<IInstanceWatcher>(), Clock);
            Node.Name.Returns("node-1");
            Pools[Spec.Id] = Pool.New(Spec) with { Instances = [.. Lot.Instances.Select(New)] };
        }

        public TestClock Clock { get; } = new();

        public InMemoryPools Pools { get; } = new();

        public FakeInstanceProvider Cloud { get; }

        public InstanceProviders Providers { get; }

        public INode Node { get; } = Substitute.For<INode>();

        public Removal Removal { get; }

        public Instance New(InstanceId id) => Changes.NewInstance(id, Lot.Lot, Lot.Place, 4711, Clock.GetUtcNow());

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
                else if (Pools[Spec.Id].Instances.FirstOrDefault(instance => instance.ProviderId == live.Id) is { } instance)
                {
                    Pools[Spec.Id] = Changes.Seen(Pools[Spec.Id], instance.Id, HealthState.Of(instance).Checked(null));
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
