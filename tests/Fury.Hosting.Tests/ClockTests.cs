using Fury.LittleMonster.Testing;

namespace Fury.Hosting.Tests;

public sealed class ClockTests
{
    [Fact]
    public async Task Delays_end_and_timers_fire_when_the_clock_is_moved_past_them()
    {
        var clock = new TestClock();
        var fired = new List<int>();
        await using var periodic = clock.CreateTimer(_ => fired.Add(1), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        await using var once = clock.CreateTimer(_ => fired.Add(2), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        var delay = Task.Delay(TimeSpan.FromSeconds(5), clock);
        var begun = clock.GetTimestamp();

        clock.Advance(TimeSpan.FromSeconds(4.5));
        Assert.Equal([1, 2, 1], fired);
        Assert.False(delay.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.5));
        await delay;
        Assert.Equal(5, clock.GetElapsedTime(begun).TotalSeconds, precision: 3);
    }

    [Fact]
    public async Task A_wake_that_rings_before_the_wait_is_not_missed_and_many_are_one()
    {
        var clock = new TestClock();
        var signal = new WakeSignal();
        signal.Set();
        signal.Set();
        await signal.Wait(TimeSpan.FromHours(1), clock, CancellationToken.None);

        var second = signal.Wait(TimeSpan.FromHours(1), clock, CancellationToken.None);
        Assert.False(second.IsCompleted);
        clock.Advance(TimeSpan.FromHours(1));
        await second;
    }

    [Fact]
    public void The_floor_follows_behind_what_was_read_and_falls_when_something_was_left_out()
    {
        var clock = new TestClock();
        var floor = new OutboxFloor(clock);
        floor.Read(100, complete: true);
        Assert.Equal(0, floor.Value);
        for (var step = 0; step < 3; step++)
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            floor.Read(0, complete: true);
        }

        Assert.Equal(100, floor.Value);
        floor.Read(0, complete: false);
        Assert.Equal(0, floor.Value);
    }
}
