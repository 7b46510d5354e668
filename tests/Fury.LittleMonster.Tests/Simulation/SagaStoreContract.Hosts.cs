using System.Text;

namespace Fury.LittleMonster.Tests.Simulation;

public abstract partial class SagaStoreContract
{
    private SagaDefinition Definition => Stores.Registry.Of(typeof(LaunchSaga));

    [Fact]
    public async Task A_look_finds_what_was_started_and_a_sealed_key_is_nobodys()
    {
        var (_, lane) = await Stores.Join();
        var (waiting, live, ended, sealedKey) = (NewStart(), NewStart(), NewStart(), NewStart());
        await Stores.Sagas.RequestStart(waiting, StartRequest.Write(1, Definition, waiting.Saga), null, Soon);
        await lane.Commit([Item(live), Item(ended)], Soon);
        await End(lane, ended.Saga with { Fault = Kernel.Fault.Conflict("No.") }, SagaState.Compensated);
        string[] keys = [waiting.Key!, sealedKey.Key!, live.Key!, ended.Key!];

        var seen = await Stores.Sagas.Look(keys, false, Soon);
        Assert.Equal(
            [(0, waiting.Saga.Id, null, ""), (2, live.Saga.Id, SagaState.Running, ""), (3, ended.Saga.Id, SagaState.Compensated, "No.")],
            seen.Select(one => (one.Index, one.Saga, one.State, one.Error)));
        Assert.Null(seen[0].Data);
        Assert.Contains("results", Encoding.UTF8.GetString(seen[1].Data!), StringComparison.Ordinal);

        Assert.Equal(3, (await Stores.Sagas.Look(keys, true, Soon)).Count);
        Assert.Equal(new StartAnswer(default, false, false), await Stores.Sagas.RequestStart(sealedKey, [], null, Soon));
        var late = await lane.Commit([Item(sealedKey)], Soon);
        Assert.Equal(new CommitResult.Late(default, false), late[sealedKey.Saga.Id.Value]);
        Assert.Null(await Stores.Sagas.Find(sealedKey.Saga.Id, Soon));
    }

    [Fact]
    public async Task The_inbox_is_read_in_order_without_what_is_known_and_without_other_shards()
    {
        await Stores.Join();
        var (saga, other) = (Blank(), Blank());
        foreach (var reason in new[] { "1", "2", "3" })
        {
            await Stores.Sagas.Request(new InboxRequest(saga.Shard, saga.Id, InboxKind.Signal, Encoding.UTF8.GetBytes(reason)), null, Soon);
        }

        var rows = await Inbox(saga);
        Assert.Equal(["1", "2", "3"], rows.Select(row => Encoding.UTF8.GetString(row.Payload)));
        Assert.All(rows, row => Assert.Equal((saga.Shard, saga.Id.Value, (short)InboxKind.Signal), (row.Shard, row.Saga, row.Kind)));
        short[] shards = [saga.Shard];
        var rest = await Stores.Sagas.Inbox(shards, [.. rows.Take(2).Select(row => row.Id)], 500, Soon);
        Assert.Equal([rows[2].Id], rest.Where(row => row.Saga == saga.Id.Value).Select(row => row.Id));
        Assert.DoesNotContain(await Stores.Sagas.Inbox([(short)((saga.Shard + 1) % 256)], [], 500, Soon), row => row.Saga == saga.Id.Value);
        Assert.Null(await Stores.Sagas.WaitingStart(saga.Id, Soon));
        Assert.Null(await Stores.Sagas.Find(other.Id, Soon));
    }

    [Fact]
    public async Task A_host_of_the_same_name_ends_the_one_before_which_can_do_nothing_more()
    {
        var (old, lane) = await Stores.Join("twice");
        var start = NewStart();
        await lane.Commit([Item(start)], Soon);
        var (young, next) = await Stores.Join("twice");

        Assert.True(young.Host > old.Host);
        await Assert.ThrowsAsync<FencedException>(() => lane.Commit([Step(start.Saga)], Soon));
        await Assert.ThrowsAsync<FencedException>(() => lane.Commit([], Soon));
        await Assert.ThrowsAsync<FencedException>(() => Stores.Members.Keep(old, TimeSpan.FromMinutes(5), Soon));
        await Assert.ThrowsAsync<FencedException>(() => Stores.Members.Claim(old, 1, Soon));
        Assert.Equal((SagaState.Running, 1), State(await Stores.Sagas.Find(start.Saga.Id, Soon)));
        await next.Commit([Step(start.Saga)], Soon);
        Assert.Equal(2, (await Stores.Sagas.Find(start.Saga.Id, Soon))!.Saga.Seq);
    }

    [Fact]
    public async Task Shards_are_claimed_shared_given_up_and_free_again_when_their_owner_leaves()
    {
        var (one, _) = await Stores.Join();
        var (two, lane) = await Stores.Join();
        var (_, hosts, free) = await Stores.Members.Keep(one, TimeSpan.FromMinutes(5), Soon);
        Assert.True(hosts >= 2);
        var first = await Stores.Members.Claim(one, free - 10, Soon);
        Assert.Equal(free - 10, first.Length);
        Assert.Equal(first.Order(), first);
        Assert.True(one.Fence > one.Epoch);

        var rest = await Stores.Members.Claim(two, 256, Soon);
        Assert.Equal(10, rest.Length);
        Assert.True(two.Fence > one.Fence);
        Assert.Empty(first.Intersect(rest));
        Assert.Empty(await Stores.Members.Claim(one, 256, Soon));

        await Stores.Members.GiveUp(two, first[0], Soon); // Not its own.
        await Stores.Members.GiveUp(one, first[1], Soon);
        Assert.Equal([first[1]], await Stores.Members.Claim(two, 256, Soon));
        await Stores.Members.Leave(two, Soon);
        await Assert.ThrowsAsync<FencedException>(() => lane.Commit([], Soon));
        Assert.Equal(11, (await Stores.Members.Keep(one, TimeSpan.FromMinutes(5), Soon)).Free);
        Assert.Equal([first[1], .. rest.Order()], (await Stores.Members.Claim(one, 256, Soon)).OrderBy(shard => shard == first[1] ? -1 : shard));
        await Stores.Members.Leave(one, Soon);
    }

    [Fact]
    public async Task Who_does_not_renew_is_declared_dead_by_who_does_and_its_shards_are_free()
    {
        var (late, lane) = await Stores.Join(lease: TimeSpan.FromSeconds(1));
        var (keeper, _) = await Stores.Join();
        var lease = TimeSpan.FromSeconds(1);
        await Stores.Members.Keep(late, lease, Soon);
        var taken = await Stores.Members.Claim(late, 3, Soon);
        var before = await Stores.Members.Keep(keeper, lease, Soon);
        await Pass(TimeSpan.FromSeconds(1.2));

        var after = await Stores.Members.Keep(keeper, lease, Soon);
        Assert.True(after.Free >= before.Free + taken.Length);
        Assert.True(after.Hosts < before.Hosts);
        Assert.InRange(after.At - before.At, TimeSpan.FromSeconds(1.1), TimeSpan.FromSeconds(20));
        await Assert.ThrowsAsync<FencedException>(() => Stores.Members.Keep(late, lease, Soon));
        await Assert.ThrowsAsync<FencedException>(() => lane.Commit([], Soon));
        await Stores.Members.Leave(keeper, Soon);
    }

    [Fact]
    public async Task Notices_are_heard_by_those_who_listen_to_their_channel()
    {
        var (begun, heard) = (new TaskCompletionSource(), new TaskCompletionSource<string>());
        using var stop = new CancellationTokenSource();
        var listening = Stores.Members.Listen(["lm_test"], begun.SetResult, (channel, payload) => heard.TrySetResult($"{channel}:{payload}"), stop.Token);
        await begun.Task.WaitAsync(Soon);
        await Stores.Members.Notify("lm_other", "no", Soon);
        await Stores.Members.Notify("lm_test", "yes", Soon);
        Assert.Equal("lm_test:yes", await heard.Task.WaitAsync(Soon));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    private static CommitItem Item(StartRow start) => new()
    {
        Saga = start.Saga,
        Start = start,
        Write = new SagaWrite(0, [new JournalEntry(JournalKind.Started, 0, 1, default)], []),
        Ended = _ => { },
    };

    private static CommitItem Item(SagaRecord saga, int before, int lines) => new() { Saga = saga, Write = Write(before, lines), Ended = _ => { } };

    private static SagaWrite Write(int before, int lines) =>
        new(before, [.. Enumerable.Repeat(new JournalEntry(JournalKind.StepDone, 0, 1, "1"u8.ToArray()), lines)], []);

    private static CommitItem Step(SagaRecord saga) => Item(saga with { Step = 1, Seq = saga.Seq + 1 }, saga.Seq, 1);

    private static CommitItem Ending(SagaRecord saga) => Item(saga with { State = SagaState.Completed, Seq = saga.Seq + 1 }, saga.Seq, 1);

    private static async Task<SagaRecord> End(ILaneStore lane, SagaRecord saga, SagaState state = SagaState.Completed)
    {
        var ended = saga with { State = state, Step = 3, Seq = 2 };
        await lane.Commit([Item(ended, 1, 1)], Soon);
        return ended;
    }

    private static (SagaState State, int Seq) State(SagaRow? row) => (row!.Saga.State, row.Saga.Seq);

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);

    private static void Same(SagaRecord expected, SagaRecord seen, bool input)
    {
        Assert.Equal((expected.State, expected.Step, expected.Undoing, expected.Attempt), (seen.State, seen.Step, seen.Undoing, seen.Attempt));
        Assert.Equal((expected.Seq, expected.DueAt, expected.Deadline), (seen.Seq, seen.DueAt, seen.Deadline));
        Assert.Equal((expected.Fault?.ToString(), expected.CancelReason), (seen.Fault?.ToString(), seen.CancelReason));
        Assert.Equal(expected.Results.Select(one => (one.Key, Text(one.Value))), seen.Results.Select(one => (one.Key, Text(one.Value))));
        Assert.Equal(expected.Signals.Select(one => (one.Key, Text(one.Value))), seen.Signals.Select(one => (one.Key, Text(one.Value))));
        Assert.True(!input || Text(expected.Input) == Text(seen.Input));
    }

    private StartRow NewStart(string? key = null)
    {
        var saga = Blank(key);
        return new StartRow(saga, Stores.Sagas.DefinitionId(Definition), $"test.launch:{saga.Id}", [1, 2, 3]);
    }

    private static SagaRecord Blank(string? key = null)
    {
        var id = new SagaId(Interlocked.Increment(ref _ids));
        return new SagaRecord
        {
            Id = id,
            Key = key ?? $"key-{id}",
            Shard = SagaToken.Shard(key ?? $"key-{id}"),
            Name = "test.launch",
            Version = 1,
            StartedAt = Then,
            Deadline = Then.AddHours(1),
            Input = "{\"app\":\"shop\"}"u8.ToArray(),
            State = SagaState.Running,
            Seq = 1,
        };
    }

    private async Task<IReadOnlyList<SagaRecord>> Load(short shard) => [.. (await Stores.Sagas.Load([shard], Soon)).Select(row => row.Saga)];

    private async Task<IReadOnlyList<InboxRow>> Inbox(SagaRecord saga) =>
        [.. (await Stores.Sagas.Inbox([saga.Shard], [], 500, Soon)).Where(row => row.Saga == saga.Id.Value)];
}
