using Fury.Cli.Load;
using Fury.Testing;

namespace Fury.Cli.Tests;

public sealed class LoadGeneratorTests
{
    [Fact]
    public async Task The_open_loop_sends_by_the_clock_and_counts_the_wait_of_what_was_held_up()
    {
        await using var api = await StallsOnce(TimeSpan.FromMilliseconds(500));
        var plan = new LoadPlan(api.Address) { Rate = 100, Duration = TimeSpan.FromSeconds(1), Connections = 1 };

        var report = await new LoadGenerator(plan, TimeProvider.System).Run(CancellationToken.None);

        // Request n was due at 10 n ms and had to wait for the first one's end: about 40 of 100 waited longer than 100 ms.
        Assert.Equal(100, report.Requests);
        Assert.True(report.Latencies.Percentile(0.7) > TimeSpan.FromMilliseconds(100), $"{report.Latencies.Percentile(0.7)}");
        Assert.InRange(report.Latencies.Max, TimeSpan.FromMilliseconds(480), TimeSpan.FromSeconds(5));
        Assert.True(report.StartDelayMax > TimeSpan.FromMilliseconds(300), $"{report.StartDelayMax}");
    }

    [Fact]
    public async Task The_closed_loop_waits_for_each_answer()
    {
        await using var api = await StallsOnce(TimeSpan.FromMilliseconds(500));
        var plan = new LoadPlan(api.Address) { Loop = LoadLoop.Closed, Duration = TimeSpan.FromSeconds(1), Connections = 1 };

        var report = await new LoadGenerator(plan, TimeProvider.System).Run(CancellationToken.None);

        Assert.True(report.Requests > 20, $"{report.Requests}");
        Assert.True(report.Latencies.Percentile(0.7) < TimeSpan.FromMilliseconds(100), $"{report.Latencies.Percentile(0.7)}");
        Assert.True(report.Latencies.Max > TimeSpan.FromMilliseconds(480), $"{report.Latencies.Max}");
    }

    [Fact]
    public async Task Answers_are_counted_by_version_and_status_and_failures_by_their_cause()
    {
        var number = -1;
        await using var api = await FakeApi.Start();
        api.Otherwise = async context =>
        {
            switch (Interlocked.Increment(ref number) % 5)
            {
                case 0:
                    context.Response.Headers["x-version"] = "1.0.0";
                    break;
                case 1:
                    context.Response.Headers["x-version"] = "1.1.0";
                    context.Response.StatusCode = 404;
                    break;
                case 2:
                    context.Response.Headers["x-version"] = "1.2.0";
                    context.Response.StatusCode = 500;
                    break;
                case 3:
                    context.Response.Headers["x-fury-proxy-error"] = "no-pool";
                    context.Response.StatusCode = 503;
                    break;
                default:
                    await context.Response.StartAsync();
                    context.Abort();
                    break;
            }

            return true;
        };
        var plan = new LoadPlan(api.Address) { Rate = 200, Duration = TimeSpan.FromSeconds(0.5), Connections = 4 };

        var report = await new LoadGenerator(plan, TimeProvider.System).Run(CancellationToken.None);

        Assert.Equal(100, report.Requests);
        Assert.Equal(60, report.Failed);
        Assert.Equal(40, report.FailedNotBy("1.2.0"));
        Assert.Equal(new Dictionary<string, long> { ["1.0.0"] = 20, ["1.1.0"] = 20, ["1.2.0"] = 20 }, report.ByVersion);
        Assert.Equal(new Dictionary<int, long> { [0] = 20, [200] = 20, [404] = 20, [500] = 20, [503] = 20 }, report.ByStatus);
        Assert.Equal(["500", "503 by the proxy: no-pool"], report.Failures.Where(one => one.Status > 0).Select(one => one.Reason).Distinct().Order());
        Assert.All(report.Failures.Where(one => one.Status == 0), one => Assert.StartsWith("no answer: ", one.Reason));
        Assert.Equal(60, report.FailuresBetween(report.StartedAt, report.EndedAt).Count);
        Assert.Empty(report.FailuresBetween(report.EndedAt.AddSeconds(1), report.EndedAt.AddSeconds(2)));
        Assert.All(report.Versions, one => Assert.InRange(one.LastSentAt, report.StartedAt, report.EndedAt));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    public async Task A_kept_connection_that_ends_without_a_whole_answer_is_a_failure_and_is_not_hidden_by_a_second_try(string? answer)
    {
        // The first request of each connection is answered well, the second one badly.
        using var server = new RawServer(number => number == 0 ? RawServer.Ok() : answer);
        var plan = new LoadPlan(server.Address) { Rate = 100, Duration = TimeSpan.FromSeconds(0.2), Connections = 1 };

        var report = await new LoadGenerator(plan, TimeProvider.System).Run(CancellationToken.None);

        Assert.Equal((20, 10), (report.Requests, report.Failed));
    }

    [Fact]
    public async Task A_request_without_an_answer_in_time_is_a_failure()
    {
        await using var api = await StallsOnce(TimeSpan.FromSeconds(30));
        var plan = new LoadPlan(api.Address)
        {
            Rate = 10,
            Duration = TimeSpan.FromSeconds(0.3),
            Connections = 2,
            AnswerTimeout = TimeSpan.FromSeconds(2),
        };

        var report = await new LoadGenerator(plan, TimeProvider.System).Run(CancellationToken.None);

        Assert.Equal((3, 1), (report.Requests, report.Failed));
        Assert.Equal("no answer within 2 s", Assert.Single(report.Failures).Reason);
    }

    [Fact]
    public async Task Names_under_localhost_need_no_dns_and_connections_are_kept()
    {
        var hosts = new System.Collections.Concurrent.ConcurrentBag<(string Host, string Connection, string Query)>();
        await using var api = await FakeApi.Start();
        api.Otherwise = context =>
        {
            hosts.Add((context.Request.Host.Host, context.Connection.Id, context.Request.QueryString.Value!));
            return Task.FromResult(true);
        };
        var plan = new LoadPlan(new Uri($"http://production-web.hello.localhost:{api.Address.Port}/?a=b"))
        {
            Rate = 100,
            Duration = TimeSpan.FromSeconds(0.2),
            Connections = 2,
            Mix = LatencyMix.Seeded(7, "0:1,3:1"),
        };

        var report = await new LoadGenerator(plan, TimeProvider.System).Run(CancellationToken.None);

        Assert.Equal((20, 0), (report.Requests, report.Failed));
        Assert.Equal(["production-web.hello.localhost"], hosts.Select(one => one.Host).Distinct());
        Assert.InRange(hosts.Select(one => one.Connection).Distinct().Count(), 1, 2);
        Assert.Equal(["?a=b&latency=0", "?a=b&latency=3"], hosts.Select(one => one.Query).Distinct().Order());
    }

    [Fact]
    public async Task Stopped_it_waits_for_the_answers_under_way()
    {
        var came = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var api = await FakeApi.Start();
        api.Otherwise = async _ =>
        {
            came.TrySetResult();
            await answer.Task;
            return true;
        };
        using var stop = new CancellationTokenSource();
        var plan = new LoadPlan(api.Address) { Loop = LoadLoop.Closed, Connections = 1 };

        var running = new LoadGenerator(plan, TimeProvider.System).Run(stop.Token);
        await came.Task;
        await stop.CancelAsync();
        answer.SetResult();
        var report = await running.WaitAsync(Eventually.Deadline);

        Assert.Equal((1, 0), (report.Requests, report.Failed));
    }

    [Fact]
    public void The_same_seed_asks_for_the_same_latencies()
    {
        var one = Draws(LatencyMix.Seeded(1));
        Assert.Equal(one, Draws(LatencyMix.Seeded(1)));
        Assert.NotEqual(one, Draws(LatencyMix.Seeded(2)));
        Assert.Equal([0, 50, 500, 2000], one.Distinct().Order());
        Assert.InRange(one.Count(draw => draw == 0), 3500, 3900);

        static int[] Draws(LatencyMix mix) => [.. Enumerable.Range(0, 4096).Select(request => mix.Milliseconds(request))];
    }

    [Fact]
    public void Percentiles_are_right_to_two_percent()
    {
        const int Seed = 42;
        var random = new Random(Seed);
        var values = Enumerable.Range(0, 10_000).Select(_ => Math.Pow(10, random.NextDouble() * 7)).Order().ToArray();
        var histogram = new Histogram();
        foreach (var value in values)
        {
            histogram.Add(TimeSpan.FromMicroseconds(value));
        }

        foreach (var share in new[] { 0.01, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            var right = values[(int)Math.Ceiling(values.Length * share) - 1];
            Assert.InRange(histogram.Percentile(share).TotalMicroseconds, (right * 0.98) - 1, (right * 1.02) + 1);
        }

        Assert.Equal(TimeSpan.Zero, new Histogram().Percentile(0.5));
    }

    /// <summary>The first request is answered late, all others at once.</summary>
    private static async Task<FakeApi> StallsOnce(TimeSpan stall)
    {
        var requests = 0;
        var api = await FakeApi.Start();
        api.Otherwise = async context =>
        {
            if (Interlocked.Increment(ref requests) == 1)
            {
                await Task.Delay(stall, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return true;
        };
        return api;
    }
}
