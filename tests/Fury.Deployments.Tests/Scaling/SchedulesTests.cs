using Fury.Catalog.Contracts;
using Fury.Deployments.Scaling;

namespace Fury.Deployments.Tests.Scaling;

public sealed class SchedulesTests
{
    private const string Berlin = "Europe/Berlin";

    private static readonly ScalingSchedule[] Office = [new("0 8 * * 1-5", Berlin, 4), new("0 20 * * 1-5", Berlin, 0), new("0 10 * * 6", Berlin, 2)];

    [Theory]
    [InlineData("2026-03-02T06:59:59Z", 2)]
    [InlineData("2026-03-02T07:00:00Z", 4)]
    [InlineData("2026-03-02T18:59:59Z", 4)]
    [InlineData("2026-03-02T19:00:00Z", 0)]
    [InlineData("2026-03-07T08:59:59Z", 0)]
    [InlineData("2026-03-07T09:00:00Z", 2)]
    [InlineData("2026-06-01T05:59:59Z", 2)]
    [InlineData("2026-06-01T06:00:00Z", 4)]
    public void The_one_whose_time_came_last_holds_until_anothers_comes(string now, int replicas) =>
        Assert.Equal(replicas, Schedules.At(Office, DateTimeOffset.Parse(now)).Replicas);

    [Fact]
    public void Nothing_is_asked_for_without_schedules_and_it_never_changes() => Assert.Equal(new(0, null), Schedules.At([], DateTimeOffset.UnixEpoch));

    [Theory]
    [InlineData("30 2 * * *", "2026-03-29T00:59:59Z", 3)]
    [InlineData("30 2 * * *", "2026-03-29T01:00:00Z", 5)]
    [InlineData("30 2 * * *", "2026-10-25T00:29:59Z", 3)]
    [InlineData("30 2 * * *", "2026-10-25T00:30:00Z", 5)]
    public void A_time_that_summer_time_skips_comes_at_the_change_and_one_that_is_there_twice_counts_once(string cron, string now, int replicas)
    {
        // Clocks go from 2:00 to 3:00 on March 29, and from 3:00 to 2:00 on October 25. The other one's time is midnight.
        ScalingSchedule[] schedules = [new("0 0 * * *", Berlin, 3), new(cron, Berlin, 5)];

        Assert.Equal(replicas, Schedules.At(schedules, DateTimeOffset.Parse(now)).Replicas);
    }

    [Fact]
    public void The_second_half_past_two_of_the_day_with_25_hours_does_not_take_effect_again()
    {
        ScalingSchedule[] schedules = [new("30 2 * * *", Berlin, 5), new("45 2 * * *", Berlin, 1)];

        // 0:45 UTC is 2:45 in summer time; 1:30 UTC is 2:30 once more, in winter time.
        Assert.Equal(1, Schedules.At(schedules, DateTimeOffset.Parse("2026-10-25T00:45:00Z")).Replicas);
        Assert.Equal(1, Schedules.At(schedules, DateTimeOffset.Parse("2026-10-25T01:30:00Z")).Replicas);
    }

    [Fact]
    public void A_schedule_of_once_a_year_or_of_February_29_is_remembered_for_as_long()
    {
        Assert.Equal(7, Schedules.At([new("0 0 1 1 *", "UTC", 7)], DateTimeOffset.Parse("2026-12-31T23:59:59Z")).Replicas);
        Assert.Equal(7, Schedules.At([new("0 0 29 2 *", "UTC", 7)], DateTimeOffset.Parse("2103-12-31T00:00:00Z")).Replicas);
    }

    /// <summary>Walks through a year by the wall clock and compares with what a person would say; both changes of summer time are in it.</summary>
    [Theory]
    [InlineData("America/New_York")]
    [InlineData("America/Sao_Paulo")]
    [InlineData(Berlin)]
    [InlineData("Australia/Lord_Howe")]
    public void Over_a_year_the_hours_of_work_are_those_of_the_wall_clock(string name)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(name);
        ScalingSchedule[] schedules = [new("0 8 * * *", name, 4), new("0 20 * * *", name, 1)];
        Scheduled? before = null;
        for (var now = DateTimeOffset.Parse("2026-01-02T00:00:00Z"); now.Year == 2026; now += TimeSpan.FromMinutes(15))
        {
            var (hour, seen) = (TimeZoneInfo.ConvertTime(now, zone).Hour, Schedules.At(schedules, now));
            Assert.True(seen.Replicas == (hour is >= 8 and < 20 ? 4 : 1), $"{seen.Replicas} at {now:O}, {hour} o'clock in {name}");

            // Whoever looks again only when the schedule says so misses nothing.
            Assert.True(before is null || now >= before.Until || before.Replicas == seen.Replicas, $"{now:O}");
            Assert.True(seen.Until > now);
            before = seen;
        }
    }
}
