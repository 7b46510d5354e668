using Fury.ClusterApi.Kubernetes.Wire;

namespace Fury.ClusterApi.Tests.Wire;

public sealed class AdaptiveGateTests
{
    [Fact]
    public async Task Who_is_over_the_limit_waits_for_one_to_leave()
    {
        var gate = new AdaptiveGate(TimeProvider.System);
        for (var inside = 0; inside < AdaptiveLimit.First; inside++)
        {
            Assert.True(await gate.Enter(default));
        }

        var waiting = gate.Enter(default);
        Assert.False(waiting.IsCompleted);
        gate.Leave(null, refused: false);

        Assert.True(await waiting);
    }

    [Fact]
    public async Task One_that_gave_up_in_line_takes_no_place()
    {
        var gate = new AdaptiveGate(TimeProvider.System);
        for (var inside = 0; inside < AdaptiveLimit.First; inside++)
        {
            await gate.Enter(default);
        }

        using var patience = new CancellationTokenSource();
        var first = gate.Enter(patience.Token);
        var second = gate.Enter(default);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.Leave(null, refused: false);

        Assert.True(await second);
    }

    [Fact]
    public async Task A_full_line_refuses()
    {
        var gate = new AdaptiveGate(TimeProvider.System);
        var inLine = Enumerable.Range(0, AdaptiveLimit.First + AdaptiveGate.WaitingMax).Select(_ => gate.Enter(default)).ToList();

        Assert.False(await gate.Enter(default));
        Assert.Equal(AdaptiveLimit.First, inLine.Count(turn => turn.IsCompleted));
    }
}
