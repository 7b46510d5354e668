using Fury.Sdk.KeyValue;
using Fury.Sdk.Testing;
using Fury.Testing;

namespace Fury.Sdk.Tests.Resilience;

/// <summary>A first attempt is made straight, and the policy knows of it all the same. Time passes when a test lets it.</summary>
public sealed class CallPipelineTests
{
    private static readonly CallOptions Once = new() { MaxAttempts = 1 };

    [Fact]
    public async Task The_circuit_looks_at_the_share_of_failures_among_all_calls()
    {
        await using var fury = await FuryTestHost.StartAsync(app => app.AddKeyValue("carts"));
        var carts = fury.Services.KeyValue("carts");
        for (var call = 0; call < 30; call++)
        {
            await carts.GetAsync("c1", Once);
        }

        fury.Faults.On("carts", "GetAsync").Always().CutBeforeSend();
        for (var call = 0; call < 29; call++)
        {
            Assert.Equal("The connection broke.", await Failure(carts));
        }

        Assert.Equal(59, Asked(fury));
        await Failure(carts);
        Assert.Equal("The provider fails too often; it is left alone for a while.", await Failure(carts));
        Assert.Equal(60, Asked(fury));

        fury.Faults.Clear();
        fury.Clock.Advance(TimeSpan.FromSeconds(3));
        await carts.GetAsync("c1", Once);
        await carts.GetAsync("c1", Once);
        Assert.Equal(2, Asked(fury));
    }

    [Fact]
    public async Task A_first_attempt_that_fails_is_the_first_of_three()
    {
        await using var fury = await FuryTestHost.StartAsync(app => app.AddKeyValue("carts"));
        fury.Faults.On("carts", "GetAsync").Always().CutBeforeSend();

        var failure = await Assert.ThrowsAsync<FuryException>(async () => await fury.Services.KeyValue("carts").GetAsync("c1"));

        Assert.Equal((3, 3), (failure.Call!.Attempts, Asked(fury)));
    }

    [Fact]
    public async Task An_attempt_without_an_answer_ends_in_its_time_and_the_call_in_its_own()
    {
        await using var fury = await FuryTestHost.StartAsync(app => app.AddKeyValue("carts"));
        fury.Faults.On("carts", "WriteAsync").Always().Stall();
        var options = new KvWriteOptions { Timeout = TimeSpan.FromSeconds(3) };

        var write = fury.Services.KeyValue("carts").SetAsync("c1", new byte[1], options);
        await Eventually.True(() => Asked(fury, "WriteAsync") == 1);
        fury.Clock.Advance(TimeSpan.FromSeconds(2));
        await Eventually.True(() => Asked(fury, "WriteAsync") == 2);
        fury.Clock.Advance(TimeSpan.FromSeconds(1));

        var failure = await Assert.ThrowsAsync<FuryException>(() => write);
        Assert.Equal((FuryErrorCode.Timeout, true, 2), (failure.Code, failure.OutcomeUnknown, failure.Call!.Attempts));
    }

    [Fact]
    public void What_a_first_attempt_may_have_written_is_not_forgotten_when_the_next_finds_no_place()
    {
        var info = new BindingInfo("carts", "redis", "local", "direct", 1, BindingState.Single);
        var call = new Call("carts", ServiceKind.KeyValue, info, new Operation("set", Effect.Idempotent), null, default);

        call.FailedFirst(new FuryException(FuryErrorCode.Unavailable, "The answer was lost.") { OutcomeUnknown = true });
        var failure = call.Conclude(new FuryException(FuryErrorCode.Throttled, "No place.") { IsTransient = true });

        Assert.Equal((FuryErrorCode.Throttled, true), (failure.Code, failure.OutcomeUnknown));
    }

    private static async Task<string> Failure(KeyValueStore store) =>
        (await Assert.ThrowsAsync<FuryException>(async () => await store.GetAsync("c1", Once))).Message.Split(": ")[1];

    private static int Asked(FuryTestHost fury, string operation = "GetAsync") => fury.Faults.Calls.Count(call => call.Operation == operation);
}
