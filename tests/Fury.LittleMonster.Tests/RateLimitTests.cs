using Fury.LittleMonster.Testing;

namespace Fury.LittleMonster.Tests;

/// <summary>How many calls a target gets, by a clock that stands still until told.</summary>
public sealed class RateLimitTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public void A_burst_goes_at_once_and_the_rest_at_the_pace_of_the_limit()
    {
        var limit = Limit(new() { PerSecond = 10, Burst = 5, Concurrent = 1000 });

        Assert.Equal(5, Entered(limit));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(5, Entered(limit));
        Assert.InRange(EnteredWithin(limit, TimeSpan.FromSeconds(10)), 99, 100);
    }

    [Fact]
    public void It_says_when_the_next_call_may_begin()
    {
        var limit = Limit(new() { PerSecond = 4, Burst = 1, Concurrent = 1000 });
        Assert.Equal(1, Entered(limit));

        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromSeconds(0.25), limit.NextAt(_clock.GetUtcNow()));
        _clock.Advance(TimeSpan.FromSeconds(0.25));
        Assert.True(limit.TryEnter(_clock.GetUtcNow()));
    }

    [Fact]
    public void So_many_calls_are_under_way_and_the_next_one_begins_when_one_ends()
    {
        var limit = Limit(new() { PerSecond = 1000, Burst = 1000, Concurrent = 3 });

        Assert.Equal(3, Entered(limit));
        Assert.Null(limit.NextAt(_clock.GetUtcNow()));
        limit.Leave();
        Assert.Equal(1, Entered(limit));
    }

    [Fact]
    public void A_target_that_is_asked_too_often_gets_half_as_much_at_once_and_recovers_by_a_tenth_a_second()
    {
        var limit = Limit(new() { PerSecond = 100, Burst = 10, Concurrent = 10_000 });
        Entered(limit);
        limit.Throttled();
        Assert.InRange(EnteredWithin(limit, TimeSpan.FromSeconds(1)), 50, 60);
        Assert.InRange(EnteredWithin(limit, TimeSpan.FromSeconds(4)), 300, 345);
        Assert.InRange(EnteredWithin(limit, TimeSpan.FromSeconds(1)), 95, 101);
    }

    [Fact]
    public void However_often_it_says_so_some_calls_still_go()
    {
        var limit = Limit(new() { PerSecond = 100, Burst = 1, Concurrent = 10_000 });
        Entered(limit);
        for (var times = 0; times < 100; times++)
        {
            limit.Throttled();
        }

        Assert.InRange(EnteredWithin(limit, TimeSpan.FromSeconds(1)), 1, 15);
    }

    [Fact]
    public void A_host_takes_of_each_limit_as_much_as_it_has_of_the_shards()
    {
        var limits = new RateLimits(new Dictionary<string, RateLimitSettings>
        {
            ["aws"] = new() { PerSecond = 100, Burst = 40, Concurrent = 8 },
        })
        {
            Share = 0.25,
        };
        var limit = limits.Of("aws")!;

        Assert.Equal(2, Entered(limit));
        limit.Leave();
        limit.Leave();
        var calls = 0;
        for (var tick = 0; tick < 1000; tick++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            while (limit.TryEnter(_clock.GetUtcNow()))
            {
                limit.Leave();
                calls++;
            }
        }

        // 25 a second, and what was left of a burst of 10.
        Assert.InRange(calls, 250, 260);
    }

    [Fact]
    public void A_target_without_a_limit_of_its_own_has_that_of_its_longest_prefix_and_shares_it()
    {
        var limits = new RateLimits(new Dictionary<string, RateLimitSettings>
        {
            ["aws"] = new(),
            ["aws/123"] = new(),
        });

        Assert.Same(limits.Of("aws/123/eu-west-1"), limits.Of("aws/123/us-east-1"));
        Assert.Same(limits.Of("aws/123"), limits.Of("aws/123/eu-west-1"));
        Assert.NotSame(limits.Of("aws/999"), limits.Of("aws/123"));
        Assert.Same(limits.Of("aws/999"), limits.Of("aws"));
        Assert.Null(limits.Of("azure"));
        Assert.Null(limits.Of("awsome/123"));
    }

    private static RateLimit Limit(RateLimitSettings settings) =>
        new RateLimits(new Dictionary<string, RateLimitSettings> { ["t"] = settings }).Of("t")!;

    private int Entered(RateLimit limit)
    {
        var calls = 0;
        while (limit.TryEnter(_clock.GetUtcNow()))
        {
            calls++;
        }

        return calls;
    }

    private int EnteredWithin(RateLimit limit, TimeSpan time)
    {
        var calls = 0;
        for (var end = _clock.GetUtcNow() + time; _clock.GetUtcNow() < end;)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            calls += Entered(limit);
        }

        return calls;
    }
}
