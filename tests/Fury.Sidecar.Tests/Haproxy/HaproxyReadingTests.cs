using Fury.Sidecar.Haproxy;
using Fury.Sidecar.Routing;
using Xunit.Abstractions;

namespace Fury.Sidecar.Tests.Haproxy;

/// <summary>From what HAProxy says to what is reported.</summary>
public sealed class HaproxyReadingTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\n> \n> ", "-")]
    [InlineData("\n> \n> New server registered.\n\n> No such server.\n> ", "-|New server registered.-|No such server.-")]
    [InlineData("\n> one\ntwo\n\n> ", "one\ntwo-")]
    public void A_prompt_ends_each_answer(string text, string answers) =>
        Assert.Equal(answers, string.Join('|', RuntimeApi.Answers(text).Select(answer => $"{answer}-")));

    [Fact]
    public void A_line_for_each_command_is_one_word_each_and_says_what_is_expected()
    {
        var server = new ServerAt(3, new("fd00::7", 8080));
        var slot = HaproxyPlan.SlotOf(World.Scope, 17);

        Assert.Equal("set map slots.map shop/production-web#17 pool-3", new Command.SetEntry(slot, "pool-3").Text);
        Assert.Equal("add server pool-3/fd00::7:8080 [fd00::7]:8080", new Command.AddServer(server).Text);
        Assert.Equal(server, ServerAt.Parse(3, server.Name));
    }

    /// <summary>Numbers as a HAProxy reads them, one after the other, while requests come, are answered and end.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public void A_pools_numbers_never_go_back_nor_contradict_each_other_and_are_right_when_nothing_is_in_flight(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var pool = new PoolCounts(World.Pool());
        List<char> inFlight = [];
        var (raw, own) = (new Counted(0, null, 0, 0, 0, 0, 0), new Counted(0, null, 0, 0, 0, 0, 0));
        for (var step = 0; step < 20_000; step++)
        {
            var last = pool.Now;
            var one = inFlight.Count == 0 ? 0 : random.Next(inFlight.Count);
            switch (random.Next(7))
            {
                case 0 or 1:
                    inFlight.Add('-');
                    (raw, own) = (raw with { Begun = raw.Begun + 1 }, own with { Begun = own.Begun + 1 });
                    break;
                case 2 when inFlight.Count > 0 && inFlight[one] == '-':
                    inFlight[one] = 'e';
                    (raw, own) = (raw with { Errors = raw.Errors + 1 }, own with { Errors = own.Errors + 1 });
                    break;
                case 3 when inFlight.Count > 0 && inFlight[one] == '-':
                    inFlight[one] = 'f';
                    (raw, own) = (raw with { Failures = raw.Failures + 1 }, own with { Failures = own.Failures + 1 });
                    break;
                case 4 or 5 when inFlight.Count > 0:
                    End(one);
                    break;
                default:
                    Note();
                    break;
            }

            if (random.Next(500) == 0)
            {
                // It leaves, ends what it has, and comes back to a backend that has counted for another.
                EndAll();
                raw = new(1, null, 0, random.Next(9), random.Next(9), random.Next(9), random.Next(9));
                pool.Begin(raw);
            }

            Check(last, pool.Now, $"seed {seed}, step {step}");
        }

        EndAll();
        Assert.True(own.Begun > 1000 && own.Errors > 100 && own.Failures > 100);
        Assert.Equal((own.Begun, own.Ended, own.Errors, own.Failures), (pool.Now.Begun, pool.Now.Requests, pool.Now.Errors, pool.Now.Failures));

        void Note() => pool.Note(raw with { InFlight = inFlight.Count, Errors = -1 }, raw.Errors);

        void End(int one)
        {
            inFlight.RemoveAt(one);
            (raw, own) = (raw with { Ended = raw.Ended + 1 }, own with { Ended = own.Ended + 1 });
        }

        void EndAll()
        {
            while (inFlight.Count > 0)
            {
                End(0);
            }

            Note();
        }
    }

    [Fact]
    public void What_was_in_flight_when_HAProxy_went_has_failed_and_the_next_one_counts_on()
    {
        var pool = new PoolCounts(World.Pool());
        pool.Note(new(0, null, 2, 10, 8, -1, 1), errors: 3);

        pool.Cut();

        Assert.True(pool.Now is { Begun: 10, Requests: 10, Errors: 3, Failures: 3, InFlight: 0 });
        pool.Note(new(0, null, 0, 4, 4, -1, 0), errors: 1);
        Assert.True(pool.Now is { Begun: 14, Requests: 14, Errors: 4, Failures: 3, InFlight: 0 });
    }

    /// <summary>What a load report tells is the difference of two readings, and none of it may be below zero.</summary>
    private static void Check(PoolTraffic last, PoolTraffic now, string when)
    {
        Assert.True(now.Begun >= last.Begun && now.Errors >= last.Errors && now.Failures >= last.Failures, when);
        Assert.True(now.Requests - last.Requests >= now.Errors - last.Errors + now.Failures - last.Failures, when);
    }
}
