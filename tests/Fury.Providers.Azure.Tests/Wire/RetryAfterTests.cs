using Fury.Kernel;
using Fury.Providers.Clouds;

namespace Fury.Providers.Azure.Tests.Wire;

public sealed class RetryAfterTests
{
    private readonly CloudCalls _calls = new(_ => new(1000, 1000), TimeProvider.System, () => 0);
    private int _made;

    [Fact]
    public async Task A_pause_that_a_cloud_asks_for_is_kept_to()
    {
        var begun = TimeProvider.System.GetTimestamp();

        var answer = await _calls.Make("target", _ => Refuse(TimeSpan.FromMilliseconds(200), times: 1), default);

        Assert.True(answer.IsOk);
        Assert.Equal(2, _made);
        Assert.True(TimeProvider.System.GetElapsedTime(begun) >= TimeSpan.FromMilliseconds(150));
    }

    [Fact]
    public async Task One_that_is_too_long_is_told_at_once()
    {
        var answer = await _calls.Make("target", _ => Refuse(CloudCalls.AskedMax + TimeSpan.FromSeconds(1), times: 9), default);

        Assert.Equal(FaultKind.Throttled, answer.Fault?.Kind);
        Assert.Equal(1, _made);
    }

    [Fact]
    public async Task Where_nothing_was_asked_for_calls_are_repeated_as_ever()
    {
        await _calls.Make("target", _ => Refuse(pause: null, times: 9), default);

        Assert.Equal(CloudCalls.AttemptsMax, _made);
    }

    private Task<Outcome<int>> Refuse(TimeSpan? pause, int times) =>
        Task.FromResult<Outcome<int>>(++_made > times ? _made : CloudFaults.Throttled("Too often.").After(pause));
}
