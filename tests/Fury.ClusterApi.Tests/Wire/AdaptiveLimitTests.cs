using Fury.ClusterApi.Kubernetes.Wire;

namespace Fury.ClusterApi.Tests.Wire;

public sealed class AdaptiveLimitTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void A_round_of_good_answers_adds_one()
    {
        var limit = AdaptiveLimit.Start;
        for (var answers = 0; answers < AdaptiveLimit.First + 1; answers++)
        {
            limit = limit.Answered(Quick, Now);
        }

        Assert.Equal(AdaptiveLimit.First + 1, limit.Whole);
    }

    [Fact]
    public void A_burst_of_refusals_cuts_once()
    {
        var once = AdaptiveLimit.Start.Refused(Now);
        var burst = once.Refused(Now.AddMilliseconds(1)).Refused(Now.AddMilliseconds(100));

        Assert.True(once.Limit < AdaptiveLimit.First);
        Assert.Equal(once, burst);
        Assert.True(burst.Refused(Now.AddSeconds(1)).Limit < once.Limit);
    }

    [Fact]
    public void An_answer_that_is_slow_for_this_server_cuts_a_little()
    {
        var limit = AdaptiveLimit.Start.Answered(Quick, Now);

        Assert.True(limit.Answered(TimeSpan.FromSeconds(3), Now).Limit < limit.Limit);
        Assert.True(limit.Answered(TimeSpan.FromMilliseconds(200), Now).Limit > limit.Limit);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_stays_within_its_bounds_whatever_comes(int seed)
    {
        var chance = new Random(seed);
        var (limit, now) = (AdaptiveLimit.Start, Now);
        for (var step = 0; step < 10_000; step++)
        {
            now = now.AddMilliseconds(chance.Next(1000));
            limit = chance.Next(3) == 0 ? limit.Refused(now) : limit.Answered(TimeSpan.FromMilliseconds(chance.Next(10_000)), now);

            Assert.InRange(limit.Whole, AdaptiveLimit.Min, AdaptiveLimit.Max);
        }
    }

    [Fact]
    public void It_finds_the_limit_of_a_server_that_refuses_above_twenty()
    {
        const int bears = 20;
        var (limit, now) = (AdaptiveLimit.Start, Now);
        var seen = new List<double>();
        for (var round = 0; round < 500; round++)
        {
            now = now.AddSeconds(1);
            var asked = limit.Whole;
            for (var answer = 0; answer < asked; answer++)
            {
                limit = answer < bears ? limit.Answered(Quick, now) : limit.Refused(now);
            }

            seen.Add(limit.Limit);
        }

        Assert.InRange(seen.Skip(100).Average(), bears * 0.6, bears * 1.1);
    }
}
