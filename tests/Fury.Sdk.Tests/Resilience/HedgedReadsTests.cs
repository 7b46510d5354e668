using Fury.Sdk.KeyValue;
using Fury.Sdk.Testing;
using Fury.Testing;

namespace Fury.Sdk.Tests.Resilience;

/// <summary>A slow read is asked once more beside the first. Time stands still but for what a test lets pass, so no attempt ends by itself.</summary>
public sealed class HedgedReadsTests
{
    private static readonly TimeSpan After = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task The_answer_that_comes_first_is_taken_and_the_other_call_ends()
    {
        await using var fury = await Start();
        var loser = CancellationToken.None;
        fury.Faults.On("carts", "GetAsync").Do(async (call, _) =>
        {
            loser = call.Arguments.OfType<CancellationToken>().Single();
            await Task.Delay(Timeout.InfiniteTimeSpan, loser);
            return null;
        });

        var entry = await Answered(fury, fury.Services.KeyValue("carts").GetAsync("c1").AsTask());

        Assert.NotNull(entry);
        Assert.True(loser.IsCancellationRequested);
        Assert.Equal(2, Asked(fury, "GetAsync"));
    }

    [Fact]
    public async Task One_that_fails_is_no_answer_while_the_other_may_give_one()
    {
        await using var fury = await Start();
        var isAskedAgain = new TaskCompletionSource();
        fury.Faults.On("carts", "GetAsync").Do(async (_, _) =>
        {
            await isAskedAgain.Task;
            throw new FuryException(FuryErrorCode.Corrupted, "The first fails.");
        });
        fury.Faults.On("carts", "GetAsync").Do(async (_, next) =>
        {
            isAskedAgain.SetResult();
            await Task.Yield();
            return await next();
        });

        Assert.NotNull(await Answered(fury, fury.Services.KeyValue("carts").GetAsync("c1").AsTask()));
        Assert.Equal(2, Asked(fury, "GetAsync"));
    }

    [Fact]
    public async Task When_both_fail_the_error_is_the_one_that_came_first()
    {
        await using var fury = await Start();
        fury.Faults.On("carts", "GetAsync").Do(async (call, _) =>
        {
            await Eventually.True(() => Asked(fury, "GetAsync") == 2);
            throw new FuryException(FuryErrorCode.PermissionDenied, "The first.");
        });
        fury.Faults.On("carts", "GetAsync").Throw(new FuryException(FuryErrorCode.Corrupted, "The second."));

        var failure = await Assert.ThrowsAsync<FuryException>(() => Answered(fury, fury.Services.KeyValue("carts").GetAsync("c1").AsTask()));

        Assert.Equal((FuryErrorCode.Corrupted, 2), (failure.Code, failure.Call!.Attempts));
    }

    [Fact]
    public async Task What_is_fast_and_what_writes_is_asked_once()
    {
        await using var fury = await Start();
        var carts = fury.Services.KeyValue("carts");
        Assert.NotNull(await carts.GetAsync("c1"));
        fury.Faults.On("carts", "WriteAsync").Stall();
        using var stop = new CancellationTokenSource();

        var write = carts.SetAsync("c2", new byte[1], cancellationToken: stop.Token);
        await Eventually.True(() => Asked(fury, "WriteAsync") == 2);
        fury.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 2), (Asked(fury, "GetAsync"), Asked(fury, "WriteAsync")));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
    }

    [Fact]
    public async Task A_provider_that_is_slow_for_everybody_is_not_asked_twice_by_all()
    {
        const int Callers = 60;
        await using var fury = await Start();
        fury.Faults.On("carts", "GetAsync").Always().Stall();
        using var stop = new CancellationTokenSource();

        var reads = Enumerable.Range(0, Callers).Select(_ => fury.Services.KeyValue("carts").GetAsync("c1", cancellationToken: stop.Token).AsTask()).ToList();
        await Eventually.True(() => Asked(fury, "GetAsync") == Callers);
        fury.Clock.Advance(After);
        await Eventually.True(() => Asked(fury, "GetAsync") > Callers);
        fury.Clock.Advance(TimeSpan.FromSeconds(1));

        // Ten, and a twentieth of what was asked.
        await Eventually.True(() => Asked(fury, "GetAsync") >= Callers + 10);
        Assert.InRange(Asked(fury, "GetAsync"), Callers + 10, Callers + 13);
        await stop.CancelAsync();
        await Task.WhenAll(reads.Select(each => Assert.ThrowsAnyAsync<OperationCanceledException>(() => each)));
    }

    [Fact]
    public async Task Nobody_who_has_not_asked_for_it_reads_twice()
    {
        await using var fury = await FuryTestHost.StartAsync(app => app.AddKeyValue("carts"));
        fury.Faults.On("carts", "GetAsync").Stall();
        using var stop = new CancellationTokenSource();

        var read = fury.Services.KeyValue("carts").GetAsync("c1", cancellationToken: stop.Token).AsTask();
        fury.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, Asked(fury, "GetAsync"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    private static async Task<FuryTestHost> Start()
    {
        var fury = await FuryTestHost.StartAsync(app => app.AddKeyValue("carts").HedgeReads(After));
        await fury.Services.KeyValue("carts").SetAsync("c1", new byte[1]);
        return fury;
    }

    /// <summary>Lets the time pass after which it is asked again, as often as it takes for the timer to be there.</summary>
    private static async Task<KvEntry?> Answered(FuryTestHost fury, Task<KvEntry?> read)
    {
        await Eventually.True(() =>
        {
            fury.Clock.Advance(TimeSpan.FromMilliseconds(1));
            return read.IsCompleted;
        });
        return await read;
    }

    private static int Asked(FuryTestHost fury, string operation) => fury.Faults.Calls.Count(call => call.Operation == operation);
}
