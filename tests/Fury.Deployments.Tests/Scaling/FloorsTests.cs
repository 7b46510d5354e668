using Fury.Catalog.Contracts;
using Fury.Deployments.Scaling;

namespace Fury.Deployments.Tests.Scaling;

/// <summary>What is a scope's floor now, whatever the schedules, the requests and the time are.</summary>
public sealed class FloorsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_floor_is_never_below_the_minimum_while_awake_and_never_above_the_maximum()
    {
        Each(random =>
        {
            var now = AMoment(random);
            var floor = Floors.Of(now);
            if (floor.Sleeps)
            {
                Assert.Equal(0, floor.Replicas);
                Assert.NotNull(now.Scaling?.SleepAfterSeconds);
            }
            else
            {
                Assert.InRange(floor.Replicas, now.Min, now.Max);
                Assert.True(floor.Replicas >= Math.Min(now.Scheduled, now.Max), $"{now} has the floor {floor.Replicas}.");
            }
        });
    }

    [Fact]
    public void More_requests_never_make_the_floor_lower_and_the_replicas_suffice_for_them()
    {
        Each(random =>
        {
            var now = AMoment(random);
            var more = now with { InFlight = now.InFlight + random.Next(1, 500) };
            Assert.True(Floors.Of(more).Replicas >= Floors.Of(now).Replicas, $"{now}, {more}");
            if (now.Scaling?.InFlightPerReplica is { } perReplica && Floors.Of(now) is { Sleeps: false } floor && floor.Replicas < now.Max)
            {
                Assert.True((long)floor.Replicas * perReplica >= now.InFlight, $"{now} has the floor {floor.Replicas}.");
            }
        });
    }

    [Theory]
    [InlineData(59, false, 0, false)]
    [InlineData(60, false, 0, true)]
    [InlineData(0, true, 0, true)]
    [InlineData(60, false, 1, false)]
    [InlineData(60, true, 1, false)]
    public void It_sleeps_when_it_was_quiet_for_long_and_no_schedule_wants_replicas(int quiet, bool isAsleep, int scheduled, bool sleeps)
    {
        var now = new Moment(new([], null, 60), 2, 8, scheduled, 0, TimeSpan.FromSeconds(quiet), isAsleep);

        Assert.Equal(sleeps ? new Floor(0, true) : new Floor(2, false), Floors.Of(now));
        Assert.False(Floors.Of(now with { Scaling = new([], null, null) }).Sleeps);
        Assert.False(Floors.Of(now with { Scaling = null }).Sleeps);
    }

    [Fact]
    public void A_peak_counts_for_the_whole_window_so_the_floor_does_not_flap()
    {
        Each(random =>
        {
            var demand = Demand.None;
            var (now, last) = (Start, 0);
            List<(DateTimeOffset At, int InFlight)> seen = [];
            for (var look = 0; look < 60; look++)
            {
                now += TimeSpan.FromMilliseconds(random.Next(200, 20_000));
                var inFlight = random.Next(3) == 0 ? random.Next(1000) : 0;
                seen.Add((now, inFlight));
                demand = demand.With(now, inFlight);

                // What came within a second of an earlier look may stand for one that is not higher, never for a higher one.
                var most = seen.Where(one => one.At + Demand.Window > now).Max(one => one.InFlight);
                Assert.True(demand.Most(now) <= most);
                Assert.True(demand.Most(now) >= inFlight, "Capacity comes at once.");
                var settled = seen.Where(one => one.At + Demand.Window - TimeSpan.FromSeconds(1) > now).Max(one => one.InFlight);
                Assert.True(demand.Most(now) >= settled, $"{demand.Most(now)} at {now:O}, though {settled} were in flight within the window.");
                last = demand.Most(now);
            }

            Assert.Equal(0, demand.Most(now + Demand.Window));
        });
    }

    /// <summary>A hundred seeds; the one that fails is named.</summary>
    private static void Each(Action<Random> check)
    {
        for (var seed = 0; seed < 300; seed++)
        {
            try
            {
                check(new Random(seed));
            }
            catch (Xunit.Sdk.XunitException failure)
            {
                throw new Xunit.Sdk.XunitException($"Seed {seed}: {failure.Message}");
            }
        }
    }

    private static Moment AMoment(Random random)
    {
        var (min, sleep) = (random.Next(1, 20), random.Next(2) == 0 ? random.Next(10, 600) : default(int?));
        var scaling = random.Next(10) == 0 ? null : new ScalingPolicy([], random.Next(2) == 0 ? random.Next(1, 50) : null, sleep);
        return new(
            scaling, min, min + random.Next(20), random.Next(3) == 0 ? random.Next(40) : 0, random.Next(1000), TimeSpan.FromSeconds(random.Next(900)),
            random.Next(3) == 0);
    }
}
