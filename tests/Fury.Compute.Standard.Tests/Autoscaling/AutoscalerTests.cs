using Fury.Compute.Standard.Autoscaling;
using Fury.Kernel;

namespace Fury.Compute.Standard.Tests.Autoscaling;

/// <summary>The decision about a pool's size, move by move.</summary>
public sealed class AutoscalerTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private static readonly AutoscalePolicy Policy = new([new("cpu", 60), new("requests", 100)], [new("queue", 1000, 5), new("queue", 5000, 10)]);

    [Fact]
    public void The_target_that_needs_the_most_decides_and_replicas_come_at_once()
    {
        Assert.Equal(10, Decide(cpu: 600, requests: 300, replicas: 2).Replicas);
        Assert.Equal(7, Decide(cpu: 60, requests: 700, replicas: 2).Replicas);
        Assert.Contains("requests needs 7.0", Decide(cpu: 60, requests: 700, replicas: 2).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Never_below_the_floor_nor_above_the_ceiling()
    {
        Assert.Equal(2, Decide(cpu: 0, requests: 0, replicas: 1).Replicas);
        Assert.Equal(50, Decide(cpu: 1_000_000, requests: 0, replicas: 10).Replicas);
    }

    [Fact]
    public void Replicas_go_only_when_none_of_the_needs_of_a_cool_down_wanted_them()
    {
        var world = new World(Policy);
        world.See(cpu: 600);

        var early = world.After(Policy.CoolDownSeconds - 15, cpu: 120);
        var late = world.After(2 * Policy.CoolDownSeconds, cpu: 120);

        Assert.Equal((10, 2), (early.Replicas, late.Replicas));
    }

    [Fact]
    public void While_a_deployment_is_in_progress_nothing_goes_and_more_may_come()
    {
        var world = new World(Policy, mayShrink: false);
        world.See(cpu: 600);

        Assert.Equal(10, world.After(3600, cpu: 0).Replicas);
        Assert.Equal(20, world.After(15, cpu: 1200).Replicas);
    }

    [Fact]
    public void What_is_dark_lets_nothing_go_and_what_is_seen_may_add()
    {
        var world = new World(Policy);
        world.See(cpu: 600);

        Assert.Equal(10, world.After(3600, cpu: null).Replicas);
        Assert.Equal(12, world.After(15, cpu: null, requests: 1200).Replicas);
        Assert.Equal(12, world.After(3600, cpu: null, requests: null).Replicas);
    }

    [Fact]
    public void A_load_that_rises_is_met_a_warm_up_ahead()
    {
        var world = new World(Policy);
        var cpu = 300.0;
        Wanted wanted = new(0, "");
        for (var look = 0; look < 40; look++)
        {
            wanted = world.After(15, cpu += 15);
        }

        // A replica a minute more, and 90 s of warm-up.
        Assert.InRange(wanted.Replicas, Math.Ceiling(cpu / 60) + 1, Math.Ceiling(cpu / 60) + 3);
        Assert.Contains("by the time they would be there", wanted.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rise_that_the_days_before_had_is_met_before_it_comes()
    {
        var world = new World(Policy);
        static double Cpu(DateTimeOffset at) => at.Hour is >= 10 and < 18 ? 1200 : 600;
        while (world.Now < Start.AddDays(2).AddMinutes(55))
        {
            world.After(15, Cpu(world.Now.AddSeconds(15)));
        }

        var before = world.Replicas;
        while (world.Now < Start.AddDays(2).AddMinutes(59))
        {
            world.After(15, 600);
        }

        Assert.Equal((10, true), (before, world.Replicas > 12));
    }

    [Fact]
    public void A_step_adds_for_as_long_as_its_metric_is_there()
    {
        var world = new World(Policy);

        Assert.Equal(7, world.After(15, cpu: 60, queue: 1000).Replicas);
        Assert.Equal(12, world.After(15, cpu: 60, queue: 9000).Replicas);
        Assert.Equal(2, world.After(Policy.CoolDownSeconds + 15, cpu: 60, queue: 0).Replicas);
    }

    [Fact]
    public void Steps_alone_let_replicas_go_a_cool_down_after_they_are_over_and_not_while_their_metric_is_dark()
    {
        var policy = new AutoscalePolicy([], [new("queue", 1000, 5)]);
        var state = AutoscaleState.New(Start);
        int After(int seconds, int replicas, double? queue)
        {
            var values = new Dictionary<string, double>();
            if (queue is { } known)
            {
                values["queue"] = known;
            }

            (state, var wanted) = Autoscaler.Decide(policy, state, new(Start.AddSeconds(seconds), values, replicas, Floor: 2, Ceiling: 50));
            return wanted.Replicas;
        }

        Assert.Equal(7, After(0, 2, 1000));
        Assert.Equal(7, After(policy.CoolDownSeconds - 15, 7, 0));
        Assert.Equal(7, After(policy.CoolDownSeconds + 15, 7, null));
        Assert.Equal(2, After(policy.CoolDownSeconds + 30, 7, 0));
    }

    [Fact]
    public void A_replica_more_or_less_of_many_is_not_worth_a_change()
    {
        var world = new World(Policy);
        world.See(cpu: 60 * 40);

        Assert.Equal(40, world.After(Policy.CoolDownSeconds + 15, cpu: 60 * 39).Replicas);
        Assert.Equal(35, world.After(Policy.CoolDownSeconds + 15, cpu: 60 * 35).Replicas);
    }

    private static Wanted Decide(double cpu, double requests, int replicas) => Autoscaler.Decide(
        Policy,
        AutoscaleState.New(Start),
        new(Start, new Dictionary<string, double> { ["cpu"] = cpu, ["requests"] = requests }, replicas, Floor: 2, Ceiling: 50)).Wanted;

    /// <summary>A pool that gets what is wanted.</summary>
    private sealed class World(AutoscalePolicy policy, bool mayShrink = true)
    {
        private AutoscaleState _state = AutoscaleState.New(Start);

        public DateTimeOffset Now { get; private set; } = Start;

        public int Replicas { get; private set; } = 2;

        public Wanted See(double cpu) => After(0, cpu);

        public Wanted After(int seconds, double? cpu, double? requests = 0, double queue = 0)
        {
            Now = Now.AddSeconds(seconds);
            var values = new Dictionary<string, double> { ["queue"] = queue };
            if (cpu is { } known)
            {
                values["cpu"] = known;
            }

            if (requests is { } told)
            {
                values["requests"] = told;
            }

            (_state, var wanted) = Autoscaler.Decide(policy, _state, new(Now, values, Replicas, Floor: 2, Ceiling: 50) { MayShrink = mayShrink });
            Replicas = wanted.Replicas;
            return wanted;
        }
    }
}
