using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Jobs;
using Fury.Compute.Serverless.Jobs.Schedules;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests.Jobs;

/// <summary>When a schedule is due.</summary>
public sealed class ScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 10, 0, 30, TimeSpan.Zero);

    [Fact]
    public void A_schedule_is_due_at_its_minute_and_once()
    {
        var schedule = Every("*/5 * * * *");

        Assert.Null(schedule.Due(Start.AddMinutes(4)));
        Assert.Equal(At(10, 5), schedule.Due(At(10, 5)));
        Assert.Null(schedule.Done(At(10, 5), null).Due(At(10, 9)));
        Assert.Equal(At(10, 10), schedule.Done(At(10, 5), null).Next);
    }

    [Fact]
    public void Of_all_times_that_were_missed_only_the_last_is_made_up_for_and_only_while_it_may_still_begin()
    {
        var schedule = Every("*/5 * * * *", startWithin: 120);

        Assert.Equal(At(10, 30), schedule.Due(At(10, 31)));
        Assert.Null(schedule.Due(At(10, 34)));
    }

    [Fact]
    public void One_that_is_paused_is_never_due()
    {
        var schedule = Every("* * * * *") with { IsPaused = true };

        Assert.Null(schedule.Due(At(10, 30)));
        Assert.Null(schedule.Next);
    }

    [Fact]
    public void A_time_that_the_clocks_skip_comes_when_they_have_been_moved_and_one_that_they_show_twice_comes_once()
    {
        // 2026-03-29, 02:00 to 03:00 does not exist in Berlin, and 2026-10-25 has it twice.
        var schedule = Every("30 2 * * *", "Europe/Berlin", startWithin: 86_400);
        var spring = schedule with { DoneUntil = new(2026, 3, 28, 12, 0, 0, TimeSpan.Zero) };
        var autumn = schedule with { DoneUntil = new(2026, 10, 24, 12, 0, 0, TimeSpan.Zero) };

        Assert.Equal(new(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), spring.Next);
        Assert.Equal(new(2026, 10, 25, 0, 30, 0, TimeSpan.Zero), autumn.Next);
        Assert.Equal(new(2026, 10, 26, 1, 30, 0, TimeSpan.Zero), autumn.Done(autumn.Next!.Value, null).Next);
    }

    [Fact]
    public void What_is_due_every_so_often_goes_on_through_the_hour_that_the_clocks_show_twice()
    {
        var schedule = Every("*/30 * * * *", "Europe/Berlin") with { DoneUntil = new(2026, 10, 24, 23, 59, 0, TimeSpan.Zero) };
        List<DateTimeOffset> times = [];
        for (var count = 0; count < 5; count++)
        {
            times.Add(schedule.Next!.Value);
            schedule = schedule.Done(times[^1], null);
        }

        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(TimeSpan.FromMinutes(30), pair.Second - pair.First));
    }

    [Theory]
    [InlineData("* * * * *", 60)]
    [InlineData("*/7 3-5 * * MON-FRI", 600)]
    [InlineData("30 2 * * *", 3600)]
    [InlineData("0 0 29 2 *", 86_400)]
    [InlineData("15,45 */6 L * *", 10)]
    public void However_the_clock_is_looked_at_no_time_is_run_twice_and_none_late_and_none_left_out_that_was_looked_for_in_time(string cron, int startWithin)
    {
        const int seed = 20261127;
        var random = new Random(seed);
        foreach (var zone in (string[])["Etc/UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"])
        {
            var schedule = Every(cron, zone, startWithin) with { DoneUntil = Start };
            var now = Start;
            List<DateTimeOffset> run = [];
            for (var look = 0; look < 400; look++)
            {
                var before = now;
                var next = schedule.Next!.Value;

                // Often a little before or behind what is due, sometimes far away, sometimes back: another host's clock.
                now = random.Next(4) switch
                {
                    0 => now.AddSeconds(random.Next(-30, 86_400 * 3)),
                    1 => now.AddSeconds(random.Next(0, 90)),
                    _ => next.AddSeconds(random.Next(-2, startWithin + 2)),
                };
                var due = schedule.Due(now);
                if (due is { } at)
                {
                    Assert.True(at <= now && now < at.AddSeconds(startWithin), $"{at} at {now}, seed {seed}");
                    Assert.DoesNotContain(at, run);
                    Assert.True(run.Count == 0 || at > run[^1]);
                    run.Add(at);
                }

                Assert.True(due is not null || now < next || now >= next.AddSeconds(startWithin), $"{next} was left out at {now}, after {before}, seed {seed}");
                schedule = schedule.Done(now, null);
            }

            Assert.NotEmpty(run);
        }
    }

    [Fact]
    public void Every_bad_field_is_named_at_once()
    {
        var check = new Validation();

        new ScheduleRequest("61 * * * *", new("one"), "Mars/Olympus", "maybe", SucceededKept: -1, FailedKept: 101)
            .Read(check, JobsHost.Scope, ScheduleName.Parse("nightly"), Start);

        Assert.Equal(
            ["cron", "timeZone", "concurrency", "succeededKept", "failedKept", "job.version"], check.Fault!.Fields.Select(field => field.Field));
    }

    [Fact]
    public void A_time_that_never_comes_is_refused()
    {
        var check = new Validation();

        new ScheduleRequest("0 0 30 2 *", new("1.0.0")).Read(check, JobsHost.Scope, ScheduleName.Parse("nightly"), Start);

        Assert.Equal("cron", Assert.Single(check.Fault!.Fields).Field);
    }

    private static Schedule Every(string cron, string zone = "Etc/UTC", int startWithin = 3600) => new(
        JobsHost.Scope,
        ScheduleName.Parse("nightly"),
        cron,
        zone,
        RunConcurrency.Forbid,
        new JobRequest("1.0.0", StartWithinSeconds: startWithin).Read(new()),
        false,
        3,
        3,
        Start);

    private static DateTimeOffset At(int hour, int minute) => new(2026, 1, 5, hour, minute, 0, TimeSpan.Zero);
}
