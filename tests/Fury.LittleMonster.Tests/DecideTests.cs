using Fury.Kernel;
using Fury.LittleMonster.Testing;

namespace Fury.LittleMonster.Tests;

/// <summary>The engine's decisions, without any engine.</summary>
public sealed class DecideTests
{
    private static readonly Fault Busy = new(FaultKind.Unavailable, "Busy.");
    private readonly World _world = new();
    private readonly TestClock _clock = new();

    [Fact]
    public async Task A_fault_that_may_pass_is_tried_again_after_growing_pauses()
    {
        var run = await InMemory().Fail("create", Busy, times: 4).Run(new Order("shop"));

        Assert.Equal(SagaState.Completed, run.State);
        Assert.Equal(5, run.Calls.Count(call => call == "do:create"));
        // 1, 2, 4, 5 ms are the bounds; three quarters of each with this chance.
        Assert.Equal(TimeSpan.FromMilliseconds(9), run.Elapsed);
    }

    [Fact]
    public async Task When_the_attempts_are_used_up_the_saga_is_undone()
    {
        var run = await InMemory().Fail("attach", Busy).Run(new Order("shop"));

        Assert.Equal((SagaState.Compensated, "attach"), (run.State, run.FailedStep));
        Assert.Equal(["do:create", "do:ready", .. Enumerable.Repeat("do:attach", 5), "undo:attach", "undo:create"], run.Calls);
        Assert.Empty(_world.Things);
    }

    [Fact]
    public async Task A_fault_that_will_not_pass_is_not_tried_again()
    {
        var run = await InMemory().Fail("attach", new Fault(FaultKind.Invalid, "No.")).Run(new Order("shop"));
        Assert.Single(run.Calls, call => call == "do:attach");
    }

    [Fact]
    public async Task An_undo_that_keeps_failing_leaves_the_saga_stuck_and_says_why()
    {
        _world.Refuse("undo:create", FaultKind.Forbidden);
        var run = await InMemory().Fail("attach", new Fault(FaultKind.Invalid, "No.")).Run(new Order("shop"));

        Assert.Equal((SagaState.Stuck, "create"), (run.State, run.FailedStep));
        Assert.Equal("Step 'create' could not be undone: undo:create was refused. It failed because: No.", run.Fault!.Message);
        Assert.Equal(5, run.Calls.Count(call => call == "undo:create"));
    }

    [Fact]
    public async Task A_poll_that_is_never_ready_fails_at_its_own_deadline()
    {
        _world.Ready["shop"] = false;
        var run = await InMemory().Run(new Order("shop"));

        Assert.Equal((SagaState.Compensated, "ready"), (run.State, run.FailedStep));
        Assert.EndsWith("Last: the thing to start", run.Fault!.Message);
        Assert.Equal(TimeSpan.FromMinutes(1), run.Elapsed);
    }

    [Fact]
    public async Task Behind_the_pivot_a_step_is_tried_until_the_deadline_and_nothing_is_undone()
    {
        var run = await InMemory().Fail("publish", new Fault(FaultKind.Invalid, "No.")).Run(new Order("shop"));

        Assert.Equal((SagaState.Stuck, "publish"), (run.State, run.FailedStep));
        Assert.DoesNotContain(run.Calls, call => call.StartsWith("undo", StringComparison.Ordinal));
        Assert.InRange(run.Elapsed, TimeSpan.FromMinutes(4.5), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void A_poll_that_waits_writes_nothing()
    {
        var (definition, saga) = AtPoll();
        var called = Decide.Next(definition, saga, new SagaEvent.Resumed(), _clock.GetUtcNow(), 0);
        var waits = Decide.Next(definition, called.Saga, new SagaEvent.NotYet(default), _clock.GetUtcNow(), 0);
        _clock.Advance(TimeSpan.FromMilliseconds(18));
        var again = Decide.Next(definition, waits.Saga, new SagaEvent.Elapsed(), _clock.GetUtcNow(), 0);

        Assert.All([called, waits, again], decision => Assert.Null(decision.Write));
        Assert.Equal((null, new Move.Call(1, false, 2)), (waits.Move, again.Move));
    }

    [Fact]
    public void A_nudge_during_a_poll_makes_it_ask_once_more()
    {
        var (definition, saga) = AtPoll();
        var called = Decide.Next(definition, saga, new SagaEvent.Resumed(), _clock.GetUtcNow(), 0);
        var nudged = Decide.Next(definition, called.Saga, new SagaEvent.Nudged(), _clock.GetUtcNow(), 0);
        var answered = Decide.Next(definition, nudged.Saga, new SagaEvent.NotYet(default), _clock.GetUtcNow(), 0);

        Assert.Equal((null, new Move.Call(1, false, 2)), (nudged.Move, answered.Move));
    }

    [Fact]
    public void A_cancel_waits_for_the_call_under_way_and_then_undoes_it()
    {
        var (definition, saga) = AtPoll();
        var running = Decide.Next(definition, saga with { Step = 2 }, new SagaEvent.Resumed(), _clock.GetUtcNow(), 0).Saga;
        var cancelled = Decide.Next(definition, running, new SagaEvent.CancelAsked(new SagaOrder("", "changed my mind")), _clock.GetUtcNow(), 0);
        var ended = Decide.Next(definition, cancelled.Saga, new SagaEvent.CallInterrupted(), _clock.GetUtcNow(), 0);

        Assert.IsType<Move.Interrupt>(cancelled.Move);
        Assert.Equal(JournalKind.CancelRequested, Assert.Single(cancelled.Write!.Journal).Kind);
        Assert.Equal(new Move.Call(2, true, 1), ended.Move);
        Assert.Equal("Cancelled: changed my mind", ended.Saga.Fault!.Message);
    }

    [Fact]
    public void A_cancel_behind_the_pivot_is_refused_and_noted()
    {
        var (definition, saga) = AtPoll();
        var running = Decide.Next(definition, saga with { Step = 3 }, new SagaEvent.Resumed(), _clock.GetUtcNow(), 0).Saga;
        var refused = Decide.Next(definition, running, new SagaEvent.CancelAsked(new SagaOrder("", "too late")), _clock.GetUtcNow(), 0);

        Assert.Null(refused.Move);
        Assert.Equal(JournalKind.CancelRefused, Assert.Single(refused.Write!.Journal).Kind);
        Assert.Null(refused.Saga.CancelReason);
    }

    [Fact]
    public async Task A_step_that_can_only_be_done_once_is_never_guessed_after_a_crash()
    {
        var calls = 0;
        var unbroken = await new SagaInMemory<Order>(new OnceSaga(() => calls++), _clock).Run(new Order("x"));
        Assert.Equal((SagaState.Completed, 1), (unbroken.State, calls));
        for (var point = 0; point < unbroken.Points.Count; point++)
        {
            calls = 0;
            var run = await new SagaInMemory<Order>(new OnceSaga(() => calls++), new TestClock()).CrashAt(point).Run(new Order("x"));
            Assert.True(run.State is SagaState.Completed or SagaState.Stuck && calls <= 1, $"point {point}: {run.State} after {calls} calls");
        }
    }

    [Fact]
    public void A_skip_is_for_the_step_it_was_given_for_and_the_time_that_a_person_took_does_not_count()
    {
        var definition = new OnceSaga(() => { }).Build();
        var stuck = AtPoll().Saga with { Name = "test.once", State = SagaState.Stuck, Step = 1, Seq = 7, DueAt = null, Held = true };
        var skip = new SagaEvent.SkipAsked(new SagaOrder("ann", "it was done", null, new SagaPlace(7, "act")));
        var later = stuck.Deadline + TimeSpan.FromHours(1);

        var done = Decide.Next(definition, stuck, skip, later, 0);
        var elsewhere = Decide.Next(definition, stuck with { Seq = 8 }, skip, later, 0);
        var earlier = Decide.Next(definition, stuck with { Step = 0 }, skip, later, 0);

        Assert.Equal((SagaState.Completed, JournalKind.Skipped), (done.Saga.State, Assert.Single(done.Write!.Journal).Kind));
        Assert.True(done.Saga.Deadline > later);
        Assert.All([elsewhere, earlier], refused => Assert.Equal(JournalKind.OrderRefused, Assert.Single(refused.Write!.Journal).Kind));
        Assert.Equal(SagaState.Stuck, elsewhere.Saga.State);
    }

    [Fact]
    public async Task A_step_that_throws_fails_its_saga()
    {
        var run = await new SagaInMemory<Order>(new OnceSaga(() => throw new InvalidOperationException("boom")), _clock).Run(new Order("x"));
        Assert.Equal(SagaState.Stuck, run.State);
        Assert.Contains("threw InvalidOperationException: boom", run.Fault!.Message);
    }

    [Fact]
    public void A_token_is_the_same_for_ever()
    {
        // python: uuid.uuid5(uuid.UUID('6ba7b810-9dad-11d1-80b4-00c04fd430c8'), '42/create')
        var token = SagaToken.Of(Guid.Parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), new SagaId(42), "create");
        Assert.Equal(Guid.Parse("07b999a1-3fe1-59fc-ae13-112e8974fd05"), token);
    }

    private SagaInMemory<Order> InMemory() => new(new LaunchSaga(_world), _clock);

    private (SagaDefinition Definition, SagaRecord Saga) AtPoll()
    {
        var now = _clock.GetUtcNow();
        return (new LaunchSaga(_world).Build(), new SagaRecord
        {
            Id = new SagaId(1),
            Key = "k",
            Shard = 0,
            Name = "test.launch",
            Version = 1,
            StartedAt = now,
            Deadline = now + TimeSpan.FromMinutes(5),
            DueAt = now + TimeSpan.FromMinutes(1),
            Input = "{\"app\":\"shop\"}"u8.ToArray(),
            State = SagaState.Waiting,
            Step = 1,
            Seq = 2,
        });
    }

    private sealed class OnceSaga(Action act) : Saga<Order>
    {
        protected internal override void Define(SagaBuilder<Order> saga)
        {
            saga.Name("test.once").Deadline(TimeSpan.FromMinutes(1));
            saga.Step("think", Effect.Pure, Do: x => Task.FromResult<Outcome<int>>(x.Input.Count));
            saga.Step("act", Effect.Once, Do: _ =>
            {
                act();
                return Task.FromResult(Outcome.Ok);
            });
        }
    }
}
