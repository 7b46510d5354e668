using Fury.Providers.Clouds;
using Fury.Testing;

namespace Fury.Providers.Azure.Tests.Wire;

public sealed class PaceTests
{
    private const string Bucket = "creations";

    private readonly ManualClock _clock = new();

    [Fact]
    public void A_burst_is_at_once_and_then_each_turn_takes_its_time()
    {
        var pace = new Pace(new(PerSecond: 2, Burst: 4), _clock);

        var waits = Enumerable.Range(0, 6).Select(_ => pace.Take(TimeSpan.FromMinutes(1))!.Value.TotalSeconds);

        Assert.Equal([0, 0, 0, 0, 0.5, 1], waits);
    }

    [Fact]
    public void Many_turns_at_once_wait_until_all_of_them_are_there()
    {
        var pace = new Pace(new(PerSecond: 2, Burst: 1000), _clock);

        Assert.Equal(TimeSpan.Zero, pace.Take(TimeSpan.FromMinutes(1), 950));
        Assert.Equal(25, pace.Take(TimeSpan.FromMinutes(1), 100)!.Value.TotalSeconds);
        Assert.Null(pace.Take(TimeSpan.FromMinutes(1), 100));
        Assert.Equal(30, pace.Take(TimeSpan.FromMinutes(1), 10)!.Value.TotalSeconds);
    }

    [Fact]
    public async Task Whoever_stops_waiting_leaves_the_turns_to_others()
    {
        var calls = new CloudCalls(_ => new(PerSecond: 1, Burst: 1), _clock, () => 0);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => calls.Turns("target", 90, TimeSpan.FromMinutes(2), new CancellationToken(canceled: true)));

        Assert.Equal(TimeSpan.Zero, calls.PaceOf("target").Take(TimeSpan.Zero));
    }

    [Fact]
    public async Task Calls_that_are_set_to_be_too_many_come_to_what_the_cloud_takes()
    {
        const double Takes = 10;
        var traffic = new CloudTraffic(new Dictionary<string, CloudLimit> { [Bucket] = new(10, Takes) }, _clock);
        var pace = new Pace(new(PerSecond: 100, Burst: 100), _clock);
        var (taken, begun) = (0, _clock.GetTimestamp());
        while (_clock.GetElapsedTime(begun) < TimeSpan.FromMinutes(2))
        {
            _clock.Advance(pace.Take(TimeSpan.FromMinutes(1))!.Value);
            if (await traffic.Enter(isWrite: true, [new(Bucket, "")], default))
            {
                taken++;
            }
            else
            {
                pace.Throttled();
            }
        }

        Assert.InRange(taken, 0.8 * Takes * 120, (Takes * 120) + 10);
        Assert.True(traffic.Refused < taken, $"{traffic.Refused} refused, {taken} taken");
        Assert.InRange(pace.Rate, 0, 5 * Takes);
    }
}
