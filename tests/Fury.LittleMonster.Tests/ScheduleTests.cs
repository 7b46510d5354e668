using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.LittleMonster.Tests;

public sealed class ScheduleTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private static readonly DateTimeOffset SummerBegins = new(2026, 3, 29, 0, 0, 0, TimeSpan.FromHours(1));
    private static readonly DateTimeOffset SummerEnds = new(2026, 10, 25, 0, 0, 0, TimeSpan.FromHours(2));

    private readonly World _world = new();

    [Fact]
    public void A_time_is_meant_in_its_zone()
    {
        var nightly = Schedule("30 3 * * *", "Europe/Madrid");
        Assert.Equal(At("2026-01-15T02:30:00Z"), nightly.Next(At("2026-01-15T00:00:00Z")));
        Assert.Equal(At("2026-07-15T01:30:00Z"), nightly.Next(At("2026-07-15T00:00:00Z")));
        Assert.Equal(At("2026-07-14T01:30:00Z"), nightly.Last(At("2026-07-10T00:00:00Z"), At("2026-07-15T00:00:00Z")));
    }

    [Fact]
    public void A_time_that_summer_time_leaves_out_comes_right_after_it_and_one_that_comes_twice_comes_once()
    {
        var nightly = Schedule("30 2 * * *", "Europe/Madrid");
        Assert.Equal(At("2026-03-29T01:00:00Z"), nightly.Next(SummerBegins));
        var first = nightly.Next(SummerEnds);
        Assert.Equal(At("2026-10-25T00:30:00Z"), first);
        Assert.Equal(At("2026-10-26T01:30:00Z"), nightly.Next(first!.Value));
    }

    [Theory]
    [InlineData("61 * * * *", "UTC", "the cron expression '61 * * * *'")]
    [InlineData("often", "UTC", "the cron expression 'often'")]
    [InlineData("* * * * *", "Mars/Olympus", "the time zone 'Mars/Olympus'")]
    public void What_is_no_schedule_is_refused_by_name(string cron, string zone, string named)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => Schedule(cron, zone));
        Assert.Contains($"Schedule 'nightly' has {named}", refused.Message);
    }

    [Fact]
    public async Task An_occurrence_is_started_once_by_however_many_hosts_and_made_up_for_when_none_was_there()
    {
        // Each minute: the last one was missed, as no host was there.
        void EachMinute(IServiceCollection services) => services.AddSagaSchedule<ThreeStepSaga, Order>("each-minute", "* * * * *", "UTC", new Order("clock"));
        await using var one = await database.NewHost(_world, "clock-a", configure: EachMinute);
        await using var two = await database.NewHost(_world, "clock-b", configure: EachMinute);
        await one.Joined();
        await Task.WhenAll(new[] { one, two }.Select(host => Runner(host).StartAsync(CancellationToken.None)));
        const string Keys = "select count(*) from lm.start_key where key like 'test.three-steps:schedule/each-minute/%'";
        await Eventually.True(async () => await database.Count(Keys) >= 1 && _world.CallsOf("do:three") >= 1);

        // A minute may have passed between the two looks; each occurrence has one saga all the same.
        var occurrences = await database.Count(Keys);
        Assert.InRange(occurrences, 1, 2);
        await Eventually.True(() => _world.CallsOf("do:one") == occurrences);
        await Task.WhenAll(new[] { one, two }.Select(host => Runner(host).StopAsync(CancellationToken.None)));
    }

    private static ScheduleRunner Runner(MonsterUnderTest host) => host.All<IHostedService>().OfType<ScheduleRunner>().Single();

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static SagaSchedule Schedule(string cron, string zone) =>
        new("nightly", cron, zone, (_, _, _) => Task.FromResult<Outcome<SagaId>>(new SagaId(1)));
}
