using Fury.Compute.Contracts;
using Fury.Compute.Engines;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Testing;

namespace Fury.Compute.Standard.Tests;

/// <summary>What many sources tell, and what becomes of those that do not.</summary>
public sealed class UsagePartsTests
{
    private static readonly ReplicaUsage Known = new(PoolId.New(TimeProvider.System), InstanceId.New(TimeProvider.System), 1, 2, 3);

    private readonly TestClock _clock = new();
    private readonly List<Exception> _leftOut = [];

    [Fact]
    public async Task What_fails_or_takes_too_long_is_left_out()
    {
        var gathering = Gather(["well", "broken", "slow"], default);
        await Eventually.True(() => _leftOut.Count == 1);

        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([Known], await gathering);
        Assert.IsType<InvalidOperationException>(_leftOut[0]);
    }

    [Fact]
    public async Task Sources_that_cannot_be_found_out_are_none()
    {
        var told = await UsageParts.Gather<string>(
            _ => throw new InvalidOperationException("No database."), Ask, _leftOut.Add, _clock, default);

        Assert.Empty(told);
        Assert.Single(_leftOut);
    }

    [Fact]
    public async Task Whoever_cancels_is_told_so()
    {
        using var cancels = new CancellationTokenSource();
        var gathering = Gather(["slow"], cancels.Token);

        await cancels.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gathering);
    }

    private Task<IReadOnlyList<ReplicaUsage>> Gather(string[] sources, CancellationToken cancellation) =>
        UsageParts.Gather(_ => Task.FromResult<IEnumerable<string>>(sources), Ask, _leftOut.Add, _clock, cancellation);

    private static async Task<IEnumerable<ReplicaUsage>> Ask(string source, CancellationToken cancellation)
    {
        switch (source)
        {
            case "broken":
                throw new InvalidOperationException("It is broken.");
            case "slow":
                await Task.Delay(Timeout.Infinite, cancellation);
                return [];
            default:
                return [Known];
        }
    }
}
