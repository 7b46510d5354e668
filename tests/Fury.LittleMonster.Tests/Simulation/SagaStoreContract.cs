using Fury.Kernel;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>The stores of one host, and the time at which they live.</summary>
internal sealed record StoresUnderTest(ISagaStore Sagas, IMembers Members, Func<HostLease, ILaneStore> Lane, SagaRegistry Registry)
{
    private static int _names;

    public static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    public async Task<(HostLease Host, ILaneStore Lane)> Join(string? name = null, TimeSpan? lease = null)
    {
        await Sagas.Register(Soon);
        var (id, space) = await Members.Join(name ?? $"host-{Interlocked.Increment(ref _names)}", "", lease ?? TimeSpan.FromMinutes(5), Soon);
        var host = new HostLease(id, id, space, Registry);
        return (host, Lane(host));
    }
}

/// <summary>What the engine relies on in the database. PostgreSQL passes it, and so does the model that the simulations run on.</summary>
public abstract partial class SagaStoreContract
{
    private static readonly DateTimeOffset Then = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static long _ids = 1_000_000;

    internal abstract StoresUnderTest Stores { get; }

    private static CancellationToken Soon => StoresUnderTest.Soon;

    /// <summary>The store of another process.</summary>
    internal abstract ISagaStore Another { get; }

    /// <summary>Lets the database's time pass.</summary>
    protected abstract Task Pass(TimeSpan time);

    [Fact]
    public async Task Each_process_has_a_number_of_its_own_and_keeps_it()
    {
        var other = Another;
        await Stores.Sagas.Register(Soon);
        await other.Register(Soon);
        var number = Stores.Sagas.Process;
        await Stores.Sagas.Register(Soon);
        Assert.Equal(number, Stores.Sagas.Process);
        Assert.NotEqual(number, other.Process);
        Assert.All([number, other.Process], each => Assert.NotEqual(0, each));
    }

    [Fact]
    public async Task A_start_is_there_with_all_that_was_written_and_its_journal_begins()
    {
        var (host, lane) = await Stores.Join();
        var start = NewStart() with { Saga = Blank() with { Parent = new SagaId(7), Trace = "00-1-2-3", Intent = true, DueAt = Then.AddMinutes(1) } };
        Assert.Empty(await lane.Commit([Item(start)], Soon));

        var saga = (await Stores.Sagas.Find(start.Saga.Id, Soon))!.Saga;
        Assert.Equal((start.Saga.Key, start.Saga.Shard, "test.launch", 1), (saga.Key, saga.Shard, saga.Name, saga.Version));
        Assert.Equal((SagaState.Running, 0, 1, 1, false), (saga.State, saga.Step, saga.Attempt, saga.Seq, saga.Undoing));
        Assert.Equal((start.Saga.Deadline, start.Saga.DueAt, true), (saga.Deadline, saga.DueAt, saga.Intent));
        Assert.Equal((new SagaId(7), "00-1-2-3"), (saga.Parent, saga.Trace));
        Assert.Equal(Text(start.Saga.Input), Text(saga.Input));
        Assert.True(saga.Recovered);
        Assert.True(await lane.WasCommitted([Item(start)], Soon));
        Assert.Equal(start.Saga.Id, Assert.Single(await Load(start.Saga.Shard), row => row.Id == start.Saga.Id).Id);
        Assert.NotEqual(0, host.Host);
    }

    [Fact]
    public async Task Times_are_kept_to_the_microsecond()
    {
        var (_, lane) = await Stores.Join();
        var start = NewStart() with { Saga = Blank() with { Deadline = Then.AddTicks(1_234_567), DueAt = Then.AddTicks(19) } };
        await lane.Commit([Item(start)], Soon);

        var saga = (await Stores.Sagas.Find(start.Saga.Id, Soon))!.Saga;
        Assert.Equal((Then.AddTicks(1_234_560), Then.AddTicks(10)), (saga.Deadline, saga.DueAt));
    }

    [Fact]
    public async Task A_second_start_of_a_key_is_late_and_leaves_nothing_and_the_rest_of_its_flush_is_written()
    {
        var (_, lane) = await Stores.Join();
        var (first, other) = (NewStart(), NewStart());
        var same = NewStart() with { Key = first.Key };
        var different = NewStart() with { Key = first.Key, Hash = [9] };
        await lane.Commit([Item(first)], Soon);

        var late = await lane.Commit([Item(same), Item(other), Item(different)], Soon);
        Assert.Equal(new CommitResult.Late(first.Saga.Id, true), late[same.Saga.Id.Value]);
        Assert.Equal(new CommitResult.Late(first.Saga.Id, false), late[different.Saga.Id.Value]);
        Assert.Equal(2, late.Count);
        Assert.Null(await Stores.Sagas.Find(same.Saga.Id, Soon));
        Assert.NotNull(await Stores.Sagas.Find(other.Saga.Id, Soon));
        Assert.Equal(late, await lane.Late([Item(same), Item(other), Item(different)], Soon));
    }

    [Fact]
    public async Task A_start_that_is_sent_again_is_begun_once_even_after_it_has_ended()
    {
        var (_, lane) = await Stores.Join();
        var start = NewStart();
        await lane.Commit([Item(start)], Soon);
        Assert.Empty(await lane.Commit([Item(start)], Soon));
        Assert.Equal(1, (await Stores.Sagas.Find(start.Saga.Id, Soon))!.Saga.Seq);

        var ended = await End(lane, start.Saga);
        Assert.Empty(await lane.Commit([Item(start)], Soon));
        Assert.Equal((SagaState.Completed, ended.Seq), State(await Stores.Sagas.Find(start.Saga.Id, Soon)));
        Assert.DoesNotContain(await Load(start.Saga.Shard), row => row.Id == start.Saga.Id);
    }

    [Fact]
    public async Task A_start_from_the_inbox_is_begun_only_while_its_request_is_there()
    {
        var (_, lane) = await Stores.Join();
        var start = NewStart();
        var payload = StartRequest.Write(start.Definition, Definition, start.Saga);
        Assert.Equal(new StartAnswer(start.Saga.Id, true, true), await Stores.Sagas.RequestStart(start, payload, null, Soon));
        Assert.Equal(new StartAnswer(start.Saga.Id, true, false), await Stores.Sagas.RequestStart(start, payload, null, Soon));
        var other = start with { Saga = Blank(), Hash = [9] };
        Assert.Equal(new StartAnswer(start.Saga.Id, false, false), await Stores.Sagas.RequestStart(other, payload, null, Soon));
        Assert.Equal(payload, await Stores.Sagas.WaitingStart(start.Saga.Id, Soon));

        var row = Assert.Single(await Inbox(start.Saga));
        var item = Item(start with { Key = null, Hash = null }) with { Inbox = [row.Id] };
        await lane.Commit([item], Soon);
        Assert.Null(await Stores.Sagas.WaitingStart(start.Saga.Id, Soon));
        Assert.Empty(await Inbox(start.Saga));

        var ended = await End(lane, start.Saga);
        await lane.Commit([item], Soon);
        Assert.Equal((SagaState.Completed, ended.Seq), State(await Stores.Sagas.Find(start.Saga.Id, Soon)));
    }

    [Fact]
    public async Task A_saga_that_is_not_where_its_owner_thinks_it_is_undoes_the_whole_flush()
    {
        var (_, lane) = await Stores.Join();
        var (one, two, fresh) = (NewStart(), NewStart(), NewStart());
        await lane.Commit([Item(one), Item(two)], Soon);
        await Stores.Sagas.Request(new InboxRequest(one.Saga.Shard, one.Saga.Id, InboxKind.Cancel, "{}"u8.ToArray()), null, Soon);
        var row = Assert.Single(await Inbox(one.Saga));
        var good = Step(one.Saga) with { Inbox = [row.Id] };
        var bad = Step(two.Saga with { Seq = 5 });

        await Assert.ThrowsAsync<MisfitException>(() => lane.Commit([Item(fresh), good, bad], Soon));
        Assert.Equal((SagaState.Running, 1), State(await Stores.Sagas.Find(one.Saga.Id, Soon)));
        Assert.Null(await Stores.Sagas.Find(fresh.Saga.Id, Soon));
        Assert.Single(await Inbox(one.Saga));
        Assert.False(await lane.WasCommitted([good], Soon));
        Assert.Empty(await lane.Commit([Item(fresh)], Soon));

        await Assert.ThrowsAsync<MisfitException>(() => lane.Commit([good, Ending(two.Saga with { Seq = 5 })], Soon));
        await Assert.ThrowsAsync<MisfitException>(() => lane.Commit([Step(Blank())], Soon));
        await lane.Commit([good], Soon);
        Assert.True(await lane.WasCommitted([good], Soon));
        Assert.Empty(await Inbox(one.Saga));
        await Assert.ThrowsAsync<MisfitException>(() => lane.Commit([good], Soon));
    }

    [Fact]
    public async Task What_a_successor_has_written_is_no_sign_that_a_lost_flush_was()
    {
        var (_, lane) = await Stores.Join();
        var start = NewStart();
        await lane.Commit([Item(start)], Soon);
        var (_, successor) = await Stores.Join();
        await successor.Commit([Step(start.Saga)], Soon);

        Assert.True(await successor.WasCommitted([Step(start.Saga)], Soon));
        Assert.False(await lane.WasCommitted([Step(start.Saga)], Soon));
    }

    [Fact]
    public async Task A_saga_is_read_back_as_it_was_written_while_it_lives_and_after()
    {
        var (_, lane) = await Stores.Join();
        var start = NewStart();
        await lane.Commit([Item(start)], Soon);
        var moved = start.Saga with
        {
            Seq = 3,
            State = SagaState.Undoing,
            Step = 2,
            Undoing = true,
            Attempt = 4,
            DueAt = Then.AddHours(1),
            Deadline = Then.AddHours(2),
            Input = "{\"app\":\"new\"}"u8.ToArray(),
            Results = start.Saga.Results.Add("create", "\"a\""u8.ToArray()),
            Signals = start.Saga.Signals.Add("go", "1"u8.ToArray()),
            Fault = Fault.Conflict("No.").With("step", "attach"),
            CancelReason = "because",
        };
        await lane.Commit([Item(moved, 1, 2) with { Write = Write(1, 2) with { NewInput = true } }], Soon);
        Same(moved, (await Stores.Sagas.Find(start.Saga.Id, Soon))!.Saga, input: true);

        var ended = moved with { Seq = 4, State = SagaState.Compensated, DueAt = null, Undoing = false, Attempt = 2 };
        await lane.Commit([Item(ended, 3, 1)], Soon);
        var row = (await Stores.Sagas.Find(start.Saga.Id, Soon))!;
        Same(ended, row.Saga, input: true);
        Assert.NotNull(row.EndedAt);
        Assert.DoesNotContain(await Load(start.Saga.Shard), live => live.Id == start.Saga.Id);
    }

    [Fact]
    public async Task An_ended_saga_comes_back_behind_those_that_were_started_since()
    {
        var (_, lane) = await Stores.Join();
        var first = NewStart();
        await lane.Commit([Item(first)], Soon);
        var ended = await End(lane, first.Saga);
        var second = NewStart(first.Saga.Key);
        var back = ended with { State = SagaState.Undoing, Undoing = true, Seq = ended.Seq + 1 };
        var revival = Item(back, ended.Seq, 1) with { Write = Write(ended.Seq, 1) with { Revive = true } };

        // In one flush, and in this order: starts are numbered first all the same.
        await lane.Commit([revival, Item(second)], Soon);
        Assert.Equal([second.Saga.Id, first.Saga.Id], (await Load(first.Saga.Shard)).Where(row => row.Key == first.Saga.Key).Select(row => row.Id));
        var row = (await Stores.Sagas.Find(first.Saga.Id, Soon))!;
        Assert.Equal((null, SagaState.Undoing, true, back.Seq), (row.EndedAt, row.Saga.State, row.Saga.Undoing, row.Saga.Seq));
        await Assert.ThrowsAsync<MisfitException>(() => lane.Commit([revival], Soon));
        await lane.Commit([Item(back with { State = SagaState.Compensated, Seq = back.Seq + 1 }, back.Seq, 1)], Soon);
        Assert.Equal((SagaState.Compensated, back.Seq + 1), State(await Stores.Sagas.Find(first.Saga.Id, Soon)));
    }
}
