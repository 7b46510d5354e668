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
        Assert.StartsWith("add server pool-3/fd00::7:8080 [fd00::7]:8080 ", new Command.AddServer(server).Text);
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
        var (raw, own) = (Counted.None(0), new Dictionary<char, long> { ['2'] = 0, ['5'] = 0, ['m'] = 0, ['0'] = 0, ['l'] = 0 });
        var (errors, begun) = (0L, 0L);
        for (var step = 0; step < 20_000; step++)
        {
            var last = pool.Now;
            Move();
            if (random.Next(5) == 0)
            {
                Note();
            }

            if (random.Next(500) == 0)
            {
                // It leaves, ends what it has, and comes back to a backend that has counted for another.
                EndAll();
                var before = random.Next(100);
                (raw, errors) = (new(1, null, 0, before, before, random.Next(9), random.Next(9)), random.Next(9));
                pool.Begin(raw, errors);
            }

            Check(last, pool.Now, $"seed {seed}, step {step}");
        }

        EndAll();
        Assert.All(own.Values, count => Assert.True(count > 100));
        Assert.Equal((begun, begun, own['5'], own['m'] + own['0']), (pool.Now.Begun, pool.Now.Requests, pool.Now.Errors, pool.Now.Failures));

        // Something happens between any two of the readings that belong together.
        void Note()
        {
            var before = raw.Begun;
            Move();
            var backend = raw with { InFlight = inFlight.Count, BegunBefore = before };
            Move();
            pool.Note(backend, errors);
        }

        void Move()
        {
            if (random.Next(2) == 0)
            {
                inFlight.Add('-');
                (raw, begun) = (raw with { Begun = raw.Begun + 1 }, begun + 1);
            }
            else if (inFlight.Count > 0 && random.Next(inFlight.Count) is var one)
            {
                if (inFlight[one] == '-' && random.Next(2) == 0)
                {
                    // The replica begins its answer.
                    inFlight[one] = random.Next(3) == 0 ? '5' : '2';
                    errors += inFlight[one] == '5' ? 1 : 0;
                    return;
                }

                End(one);
            }
        }

        void End(int one)
        {
            var kind = inFlight[one] == '-' ? "m0l"[random.Next(3)] : inFlight[one];
            inFlight.RemoveAt(one);
            own[kind]++;
            raw = kind switch
            {
                '2' => raw with { Answered = raw.Answered + 1 },
                '5' or 'm' => raw with { Fives = raw.Fives + 1 },
                'l' => raw with { Left = raw.Left + 1 },
                _ => raw,
            };
        }

        void EndAll()
        {
            while (inFlight.Count > 0)
            {
                End(0);
            }

            pool.Note(raw with { BegunBefore = raw.Begun }, errors);
        }
    }

    /// <summary>Likewise, of one server.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public void A_replicas_numbers_never_go_back_and_are_right_when_nothing_is_in_flight(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var raw = Counted.None(3) with { Begun = 17, Answered = 15, Fives = 2 };
        var (replica, waiting, answered) = (new ServerCounts(World.At(1), raw), 0, 0);
        var (begun, errors) = (0L, 0L);
        for (var step = 0; step < 20_000; step++)
        {
            var last = replica.Now;
            Move();
            Note();
            if (random.Next(500) == 0)
            {
                EndAll();
                Assert.Equal((begun, begun, errors), (replica.Now.Begun, replica.Now.Requests, replica.Now.Errors));
                replica.Cut();
                raw = Counted.None(3);
            }

            var now = replica.Now;
            Assert.True(now.Begun >= last.Begun && now.Requests - last.Requests >= now.Errors - last.Errors && now.Errors >= last.Errors, $"step {step}");
            Assert.True(now.Begun >= now.Requests && now.Errors <= errors && now.Begun <= begun, $"seed {seed}, step {step}");
        }

        Assert.True(errors > 1000);

        void Note()
        {
            var before = raw.Begun;
            Move();
            replica.Note(raw with { InFlight = waiting + answered, BegunBefore = before });
        }

        void Move()
        {
            switch (random.Next(4))
            {
                case 0 or 1 when waiting + answered < 10:
                    (raw, begun, waiting) = (raw with { Begun = raw.Begun + 1 }, begun + 1, waiting + 1);
                    break;
                case 2 when waiting > 0:
                    Answer();
                    break;
                case 3 when answered > 0:
                    answered--;
                    break;
                case 3 when waiting > 0:
                    (waiting, errors) = (waiting - 1, errors + 1); // It breaks.
                    break;
            }
        }

        void Answer()
        {
            var isError = random.Next(3) == 0;
            raw = isError ? raw with { Fives = raw.Fives + 1 } : raw with { Answered = raw.Answered + 1 };
            (waiting, answered, errors) = (waiting - 1, answered + 1, errors + (isError ? 1 : 0));
        }

        void EndAll()
        {
            while (waiting > 0)
            {
                Answer();
            }

            answered = 0;
            replica.Note(raw with { BegunBefore = raw.Begun });
        }
    }

    [Fact]
    public void What_was_in_flight_when_HAProxy_went_has_failed_and_the_next_one_counts_on()
    {
        var pool = new PoolCounts(World.Pool());
        pool.Note(new(0, null, InFlight: 2, Begun: 10, Answered: 4, Fives: 4, Left: 0), errors: 3);
        Assert.True(pool.Now is { Begun: 10, Requests: 8, Errors: 3, Failures: 1, InFlight: 2 });

        pool.Cut();

        Assert.True(pool.Now is { Begun: 10, Requests: 10, Errors: 3, Failures: 3, InFlight: 0 });
        pool.Note(new(0, null, InFlight: 0, Begun: 4, Answered: 3, Fives: 1, Left: 0), errors: 1);
        Assert.True(pool.Now is { Begun: 14, Requests: 14, Errors: 4, Failures: 3, InFlight: 0 });
    }

    /// <summary>What a load report tells is the difference of two readings, and none of it may be below zero.</summary>
    private static void Check(PoolTraffic last, PoolTraffic now, string when)
    {
        Assert.True(now.Begun >= last.Begun && now.Errors >= last.Errors && now.Failures >= last.Failures, when);
        Assert.True(now.Requests - last.Requests >= now.Errors - last.Errors + now.Failures - last.Failures, when);
    }
}
