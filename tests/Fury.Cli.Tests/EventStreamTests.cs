using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Deployments.Contracts;
using Fury.Testing;
namespace Fury.Cli.Tests;

public sealed class EventStreamTests
{
    private static readonly string Path = $"/api/v1/deployments/{Given.Id}/events";

    [Fact]
    public async Task A_stream_that_breaks_is_taken_up_where_it_broke()
    {
        var history = Given.History(DeploymentPhase.Done);
        var heardTwo = new TaskCompletionSource();
        await using var api = await FakeApi.Start();
        api.On("GET", Path, async context =>
        {
            switch (context.Request.Headers["Last-Event-ID"].ToString())
            {
                case "":
                    await Given.Stream(context, history.Take(2));
                    await heardTwo.Task;
                    context.Abort();
                    break;
                case "2":
                    // One that was heard already, then an orderly end in the middle.
                    await Given.Stream(context, history.Skip(1).Take(2));
                    break;
                default:
                    await Given.Stream(context, history.Skip(3));
                    break;
            }
        });

        var heard = await Heard(api, news =>
        {
            if (news.Number == 2)
            {
                heardTwo.SetResult();
            }
        });

        Assert.Equal([1, 2, 3, 4], heard.Select(news => news.Number));
        Assert.Equal(["", "2", "3"], api.Requests.Select(request => request.Headers.GetValueOrDefault("Last-Event-ID", "")));
    }

    [Fact]
    public async Task A_host_that_restarts_goes_unnoticed()
    {
        var history = Given.History(DeploymentPhase.RolledBack);
        var first = await FakeApi.Start();
        var port = first.Address.Port;
        var heardThree = new TaskCompletionSource();
        first.On("GET", Path, async context =>
        {
            await Given.Stream(context, history.Take(3));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        var hearing = Heard(first, news =>
        {
            if (news.Number == 3)
            {
                heardThree.SetResult();
            }
        });
        await heardThree.Task.WaitAsync(Eventually.Deadline);
        await first.DisposeAsync();
        await using var second = await FakeApi.Start(port);
        second.On("GET", Path, context => Given.Stream(context, history.Skip(3)));

        Assert.Equal([1, 2, 3, 4], (await hearing).Select(news => news.Number));
    }

    [Fact]
    public async Task A_deployment_that_is_quiet_for_minutes_is_no_host_that_is_away()
    {
        var history = Given.History(DeploymentPhase.Done);
        await using var api = await FakeApi.Start();
        api.On("GET", Path, async context =>
        {
            // One event more with each connection, and then nothing.
            var after = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } text ? int.Parse(text) : 0;
            await Given.Stream(context, history.Skip(after).Take(1));
            await Task.Delay(after == 3 ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, context.RequestAborted);
        });
        using var client = new FuryApi(api.Address, null);
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        using var clock = new FiringClock();
        var heard = new List<long>();
        var hearing = Task.Run(async () =>
        {
            await foreach (var news in new EventStream(client, clock).Follow(Given.Id, deadline.Token))
            {
                lock (heard)
                {
                    heard.Add(news.Number);
                }
            }
        });

        for (var number = 1; number <= 3; number++)
        {
            await Eventually.True(() => Heard() == number || hearing.IsCompleted);
            await Eventually.True(() => clock.AdvanceToNext(TimeSpan.FromSeconds(61)) || hearing.IsCompleted);
            await Eventually.True(() =>
            {
                // The pause before it asks again, and no more: the host is not to be away for long.
                clock.AdvanceToNext(TimeSpan.FromSeconds(1));
                return Heard() > number || hearing.IsCompleted;
            });
        }

        await hearing;
        Assert.Equal([1, 2, 3, 4], heard);

        int Heard()
        {
            lock (heard)
            {
                return heard.Count;
            }
        }
    }

    [Fact]
    public async Task A_host_that_stays_away_ends_the_command()
    {
        var api = await FakeApi.Start();
        var address = api.Address;
        await api.DisposeAsync();
        using var client = new FuryApi(address, null);
        var stream = new EventStream(client, TimeProvider.System) { Patience = TimeSpan.FromMilliseconds(300) };

        var failure = await Assert.ThrowsAsync<CommandFailure>(async () => await stream.Follow(Given.Id, default).ToListAsync());

        Assert.Equal(ExitCode.Unreachable, failure.ExitCode);
    }

    [Fact]
    public async Task A_deployment_that_does_not_exist_is_no_outage()
    {
        await using var api = await FakeApi.Start();

        var ended = await InProcess.Run(api, "events", $"{Given.Id}", "--follow");

        Assert.Equal((ExitCode.Failed, "fury: There is no such thing.\n"), (ended.ExitCode, ended.Error));
    }

    private static async Task<IReadOnlyList<DeploymentEvent>> Heard(FakeApi api, Action<DeploymentEvent> each)
    {
        using var client = new FuryApi(api.Address, null);
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var heard = new List<DeploymentEvent>();
        await foreach (var news in new EventStream(client, TimeProvider.System).Follow(Given.Id, deadline.Token))
        {
            heard.Add(news);
            each(news);
        }

        return heard;
    }
}
