using Fury.Compute.Contracts;
using Fury.Compute.Standard.Pools;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Compute.Standard.Tests;

public sealed class TogetherWrittenTests
{
    private readonly PoolId _one = PoolId.New(TimeProvider.System);
    private readonly PoolId _other = PoolId.New(TimeProvider.System);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TogetherWritten _together;
    private Pool _pool;
    private int _writes;

    public TogetherWrittenTests()
    {
        _pool = Pool.New(PoolSpec.Unknown(_one));
        _together = new(Write);
    }

    [Fact]
    public async Task What_comes_while_a_pool_is_written_is_written_together_after_it()
    {
        var changes = Enumerable.Range(0, 100).Select(_ => _together.Change(_one, Failed, default)).ToList();
        _held.SetResult();

        var written = await Task.WhenAll(changes);

        Assert.Equal(100, _pool.Failures);
        Assert.Equal(100, written.Max(pool => pool.Value.Failures));
        Assert.InRange(_writes, 1, 2);
    }

    [Fact]
    public async Task No_pool_waits_for_another()
    {
        var held = _together.Change(_one, Failed, default);

        var written = await _together.Change(_other, Failed, default);

        Assert.True(written.IsOk);
        Assert.False(held.IsCompleted);
        _held.SetResult();
        await held;
    }

    [Fact]
    public async Task Whoever_stops_waiting_stops_no_write()
    {
        using var leaves = new CancellationTokenSource();
        var left = _together.Change(_one, Failed, leaves.Token);

        await leaves.CancelAsync();
        _held.SetResult();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await Eventually.True(() => _pool.Failures == 1, because: "it is written all the same");
    }

    private static Pool Failed(Pool pool) => pool with { Failures = pool.Failures + 1 };

    private async Task<Outcome<Pool>> Write(PoolId id, Func<Pool, Pool> change, CancellationToken cancellation)
    {
        if (id == _other)
        {
            return Pool.New(PoolSpec.Unknown(_other));
        }

        await _held.Task.WaitAsync(cancellation);
        Interlocked.Increment(ref _writes);
        return _pool = change(_pool);
    }
}
