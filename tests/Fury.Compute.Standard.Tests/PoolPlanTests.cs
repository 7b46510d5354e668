using Fury.Compute.Contracts;
using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Pools;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Tests;

/// <summary>The pure decisions: wanted against seen, and what a look at a replica means.</summary>
public sealed class PoolPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly PoolSpec Spec = new(
        PoolId.New(TimeProvider.System),
        Releases.Of(ScopeRef.Parse("shop/test-web"), 1),
        new("fake", "here", "instances"),
        Replicas: 2,
        Floor: 1,
        Ceiling: 5);

    [Fact]
    public void What_is_missing_is_launched() =>
        Assert.Equal(2, PoolPlan.Decide(Pool.New(Spec), Now).Launch);

    [Fact]
    public void The_floor_counts_even_when_fewer_are_wanted() =>
        Assert.Equal(1, PoolPlan.Decide(Pool.New(Spec with { Replicas = 0 }), Now).Launch);

    [Fact]
    public void After_a_failure_nothing_is_launched_before_its_time_and_the_pool_stays_unsettled()
    {
        var failed = Changes.LaunchFailed(Pool.New(Spec), Fault.Unavailable("No."), Now);

        Assert.Equal(0, PoolPlan.Decide(failed, Now).Launch);
        Assert.Equal(failed.RetryAt, PoolPlan.DueAt(failed));
        Assert.Equal(2, PoolPlan.Decide(failed, failed.RetryAt!.Value).Launch);
    }

    [Fact]
    public void What_cannot_serve_goes_first_and_then_the_youngest()
    {
        var oldest = An(ReplicaPhase.Ready, 1);
        var sick = An(ReplicaPhase.Unready, 2);
        var older = An(ReplicaPhase.Ready, 3);
        var youngest = An(ReplicaPhase.Ready, 4);

        var moves = PoolPlan.Decide(Pool.New(Spec) with { Instances = [oldest, sick, older, youngest] }, Now);

        Assert.Equal([sick.Id, youngest.Id], moves.Terminate);
    }

    [Fact]
    public void What_stops_is_replaced_and_is_terminated_once()
    {
        var stopping = An(ReplicaPhase.Stopping, 1);
        var pool = Pool.New(Spec with { Replicas = 1 }) with { Instances = [stopping] };

        Assert.Equal((1, stopping.Id), (PoolPlan.Decide(pool, Now).Launch, PoolPlan.Decide(pool, Now).Terminate.Single()));
        Assert.Empty(PoolPlan.Decide(pool.With(stopping with { Terminating = true }), Now).Terminate);
    }

    [Fact]
    public void A_replica_that_is_replaced_is_terminated_and_made_up_for_at_the_same_time()
    {
        var (sick, well) = (An(ReplicaPhase.Ready, 1), An(ReplicaPhase.Ready, 2));
        var pool = Pool.New(Spec) with { Instances = [sick, well] };

        var replacing = Wishes.Replace(pool, Spec.Id, sick.Id, Now).Value;
        var moves = PoolPlan.Decide(replacing, Now);

        Assert.Equal((1, sick.Id), (moves.Launch, Assert.Single(moves.Terminate)));
        Assert.Equal((ReplicaPhase.Stopping, Now), (replacing.Find(sick.Id)!.Phase, replacing.Find(sick.Id)!.StoppingAt));
        Assert.Equal(replacing, Wishes.Replace(replacing, Spec.Id, sick.Id, Now.AddSeconds(1)).Value);
        Assert.Equal(0, PoolPlan.Decide(replacing with { Spec = Spec with { Replicas = 1 } }, Now).Launch);
    }

    [Fact]
    public void A_pool_that_retires_launches_nothing_and_is_retired_with_its_last_instance()
    {
        var one = An(ReplicaPhase.Ready, 1);
        var retiring = Wishes.Retire(Pool.New(Spec) with { Instances = [one] }, Spec.Id, Now);

        Assert.Equal((0, 1), (PoolPlan.Decide(retiring, Now).Launch, PoolPlan.Decide(retiring, Now).Terminate.Count));
        Assert.Equal(PoolPhase.Retiring, retiring.Phase);
        Assert.Equal(PoolPhase.Retired, Changes.Gone(retiring, one.Id).Phase);
    }

    [Fact]
    public void The_pause_after_failed_launches_doubles_up_to_a_minute_and_a_wave_of_failures_counts_once()
    {
        var first = Changes.LaunchFailed(Pool.New(Spec), Fault.Unavailable("No."), Now);
        var sameWave = Changes.LaunchFailed(first, Fault.Unavailable("Nor this."), Now);
        var second = Changes.LaunchFailed(sameWave, Fault.Unavailable("No."), first.RetryAt!.Value);

        Assert.Equal((1, 1, 2), (first.Failures, sameWave.Failures, second.Failures));
        Assert.Equal(Changes.RetryFirst * 2, second.RetryAt - first.RetryAt);
        Assert.Equal(Changes.RetryMax, Changes.Pause(100));
    }

    [Fact]
    public void A_replica_that_is_ready_ends_the_problem()
    {
        var one = An(ReplicaPhase.Starting, 1);
        var pool = Changes.LaunchFailed(Pool.New(Spec) with { Instances = [one] }, Fault.Unavailable("No."), Now);

        var ready = Changes.Seen(pool, one.Id, HealthState.Of(one).Checked(null));

        Assert.Equal((null, 0, null), (ready.Problem, ready.Failures, ready.RetryAt));
    }

    [Fact]
    public void A_replica_that_stops_is_never_ready_again_whatever_is_seen()
    {
        var stopping = An(ReplicaPhase.Stopping, 1);
        var pool = Pool.New(Spec) with { Instances = [stopping] };

        Assert.Equal(pool, Changes.Seen(pool, stopping.Id, HealthState.Of(stopping).Checked(null)));
    }

    [Fact]
    public void A_ready_replica_is_forgiven_all_but_the_last_failure_in_a_row()
    {
        var ready = HealthState.Of(An(ReplicaPhase.Starting, 1)).Checked(null);

        var twice = ready.Checked("No.").Checked("No.");
        var forgiven = twice.Checked(null).Checked("No.");

        Assert.Equal((ReplicaPhase.Ready, ReplicaPhase.Ready), (twice.Phase, forgiven.Phase));
        Assert.Equal((ReplicaPhase.Unready, "No."), (twice.Checked("No.").Phase, twice.Checked("No.").Reason));
    }

    [Fact]
    public void What_was_recorded_by_an_earlier_host_is_not_forgiven_a_failure() =>
        Assert.Equal(ReplicaPhase.Unready, HealthState.Of(An(ReplicaPhase.Ready, 1)).Checked("No.").Phase);

    [Fact]
    public void A_process_that_ended_takes_the_replica_out_at_once_and_so_does_one_that_was_started_again_unseen()
    {
        var ready = HealthState.Of(An(ReplicaPhase.Ready, 1)).Seen(Provided(ProviderInstanceState.Running, 0)).Checked(null);

        var crashed = ready.Seen(Provided(ProviderInstanceState.Crashed, 0));
        var restarted = ready.Seen(Provided(ProviderInstanceState.Running, 1));

        Assert.Equal((ReplicaPhase.Unready, false), (crashed.Phase, crashed.Runs));
        Assert.Equal((ReplicaPhase.Unready, true), (restarted.Phase, restarted.Runs));
        Assert.Equal(ready, ready.Seen(Provided(ProviderInstanceState.Running, 0)));
    }

    private static Instance An(ReplicaPhase phase, int age) => Changes.NewInstance(
        new(Guid.CreateVersion7(Now.AddSeconds(age))), Guid.NewGuid(), Releases.Here, launch: 1, Now) with
    {
        Phase = phase,
        WasReady = phase is ReplicaPhase.Ready or ReplicaPhase.Unready,
        ProviderId = $"fake-{age}",
    };

    private static ProviderInstance Provided(ProviderInstanceState state, int restarts) =>
        new("fake-1", "token", state, "127.9.9.9", 8080, restarts, state == ProviderInstanceState.Running ? null : "Ended.", new Dictionary<string, string>());
}
