using Fury.Testing;

namespace Fury.Hosting.Tests;

public sealed class GroupCommitTests : IDisposable
{
    private readonly List<int> _groups = [];
    private readonly SemaphoreSlim _writes = new(0);

    [Fact]
    public async Task What_comes_during_a_write_is_written_together_and_everybody_gets_their_own_result()
    {
        var commit = new GroupCommit<int, string>(Write, itemsMax: 10);
        var first = commit.Add(0, default);
        await Eventually.True(() => _groups.Count == 1);
        var others = Enumerable.Range(1, 14).Select(item => commit.Add(item, default)).ToList();

        _writes.Release(3);

        Assert.Equal("0", await first);
        Assert.Equal(Enumerable.Range(1, 14).Select(item => $"{item}"), await Task.WhenAll(others));
        Assert.Equal([1, 10, 4], _groups);
    }

    [Fact]
    public async Task A_write_that_fails_fails_for_its_group_alone()
    {
        var commit = new GroupCommit<int, string>(Write, itemsMax: 10);
        var bad = commit.Add(-1, default);
        await Eventually.True(() => _groups.Count == 1);
        var good = commit.Add(2, default);

        _writes.Release(2);

        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal("2", await good);
    }

    [Fact]
    public async Task A_caller_that_stops_waiting_does_not_stop_the_write()
    {
        var commit = new GroupCommit<int, string>(Write, itemsMax: 10);
        using var impatient = new CancellationTokenSource();
        var left = commit.Add(1, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        _writes.Release(2);

        Assert.Equal("2", await commit.Add(2, default));
        Assert.Equal(2, _groups.Sum());
    }

    public void Dispose() => _writes.Dispose();

    private async Task<IReadOnlyList<string>> Write(IReadOnlyList<int> items, CancellationToken cancellation)
    {
        lock (_groups)
        {
            _groups.Add(items.Count);
        }

        await _writes.WaitAsync(cancellation);
        return items.Contains(-1) ? throw new InvalidOperationException() : [.. items.Select(item => $"{item}")];
    }
}
