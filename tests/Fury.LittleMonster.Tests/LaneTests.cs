using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.LittleMonster.Tests;

/// <summary>What becomes of a flush whose answer is lost.</summary>
public sealed class LaneTests
{
    private static readonly SagaWrite OneLine = new(1, [new JournalEntry(JournalKind.StepDone, 0, 1, default)], []);

    private static readonly SagaRecord Saga = new()
    {
        Id = new SagaId(1),
        Shard = 1,
        Key = "key-1",
        Name = "test.launch",
        Version = 1,
        StartedAt = default,
        Deadline = default,
        Input = default,
        State = SagaState.Running,
        Seq = 2,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task A_flush_that_lands_late_was_written_however_long_PostgreSQL_was_away(int outage)
    {
        var store = new LateStore { Outage = outage, LooksBeforeItLands = 3 };
        await using var lane = new Lane(store, new HostLease(1, 1, Guid.Empty, null!), () => { }, null, new NoPauses(), NullLogger.Instance);
        var results = new TaskCompletionSource<CommitResult>[] { new(), new() };
        foreach (var result in results)
        {
            lane.Add(new CommitItem { Saga = Saga, Write = OneLine, Ended = ended => result.TrySetResult(ended) });
        }

        using var stop = new CancellationTokenSource();
        var running = lane.Run(stop.Token);

        Assert.All(await Task.WhenAll(results.Select(result => result.Task)), result => Assert.IsType<CommitResult.Committed>(result));
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Away for a while; then it takes one commit, loses the answer, and shows what it took only some looks later.</summary>
    private sealed class LateStore : ILaneStore
    {
        private int _commits;
        private int _looks;

        public required int Outage { get; init; }

        public required int LooksBeforeItLands { get; init; }

        public Task<IReadOnlyDictionary<long, CommitResult.Late>> Commit(IReadOnlyList<CommitItem> items, CancellationToken cancellation) =>
            ++_commits <= Outage + 1
                ? throw new IOException("The connection is gone.")
                : throw new MisfitException("It is further than its owner thinks.");

        public Task<bool> WasCommitted(IReadOnlyList<CommitItem> items, CancellationToken cancellation) =>
            Task.FromResult(_commits > Outage && ++_looks > LooksBeforeItLands);

        public Task<IReadOnlyDictionary<long, CommitResult.Late>> Late(IReadOnlyList<CommitItem> items, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyDictionary<long, CommitResult.Late>>(new Dictionary<long, CommitResult.Late>());

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class NoPauses : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
