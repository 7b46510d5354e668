using Fury.Kernel;
using Fury.LittleMonster.Testing;

namespace Fury.LittleMonster.Tests;

/// <summary>What operators' orders do to sagas that are stuck, pause or wait.</summary>
public sealed class OrderTests
{
    private static readonly Fault No = new(FaultKind.Forbidden, "No.");

    private readonly World _world = new();
    private readonly TestClock _clock = new();

    [Fact]
    public async Task A_retry_behind_the_pivot_goes_on_where_it_was_stuck()
    {
        _world.Refuse("do:publish", FaultKind.Forbidden);
        var run = await InMemory().RetryWhenStuck(() => _world.Before("do:publish", () => Task.FromResult<Fault?>(null))).Run(new Order("shop"));

        Assert.Equal(SagaState.Completed, run.State);
        Assert.Equal(3, _world.Things.Count);
        Assert.Equal(1, run.Calls.Count(call => call == "do:create"));
    }

    [Fact]
    public async Task A_retry_that_changes_nothing_is_stuck_again()
    {
        var run = await InMemory().Fail("publish", No).RetryWhenStuck().RetryWhenStuck().Run(new Order("shop"));
        Assert.Equal((SagaState.Stuck, "publish"), (run.State, run.FailedStep));
    }

    [Fact]
    public async Task A_retry_of_an_undo_that_is_stuck_undoes_the_rest()
    {
        var run = await InMemory().Fail("attach", No).FailUndo("create", No, times: 5).RetryWhenStuck().Run(new Order("shop"));

        Assert.Equal(SagaState.Compensated, run.State);
        Assert.Equal(6, run.Calls.Count(call => call == "undo:create"));
        Assert.Empty(_world.Things);
    }

    [Fact]
    public async Task A_skip_of_an_undo_leaves_what_it_would_have_removed()
    {
        var run = await InMemory().Fail("attach", No).FailUndo("attach", No).SkipWhenStuck().Run(new Order("shop"));

        Assert.Equal(SagaState.Compensated, run.State);
        Assert.Equal("undo:create", run.Calls[^1]);
    }

    [Fact]
    public async Task A_skip_gives_later_steps_the_result_that_the_operator_names()
    {
        var run = await InMemory().Fail("publish", No).SkipWhenStuck("published by hand").Run(new Order("shop"));
        Assert.Equal((SagaState.Completed, "published by hand"), (run.State, run.Get<string>("publish")));
    }

    [Fact]
    public async Task A_skip_without_the_result_that_is_needed_is_refused_and_it_stays_stuck()
    {
        var run = await InMemory().Fail("publish", No).SkipWhenStuck().Run(new Order("shop"));
        Assert.Equal((SagaState.Stuck, "publish"), (run.State, run.FailedStep));
    }

    [Fact]
    public async Task A_saga_whose_child_is_stuck_waits_for_the_person_who_helps_the_child()
    {
        var world = new FleetWorld();
        var stuck = await Fleet(new FleetWorld()).Run(new Fleet("shop", Trucks: 0));
        Assert.Equal(SagaState.Undoing, stuck.State);
        Assert.Contains(stuck.Children, child => child.State is SagaState.Stuck);

        var helped = await Fleet(world).RetryWhenStuck().Run(new Fleet("shop", Trucks: 0));
        Assert.Equal(SagaState.Compensated, helped.State);
        Assert.All(helped.Children, child => Assert.Equal(SagaState.Compensated, child.State));
        Assert.Empty(world.Things);
    }

    [Fact]
    public async Task In_doubt_a_person_says_whether_it_was_done_or_has_it_done_again()
    {
        // Crashed within the one call of what can be done only once.
        var unbroken = await Doubtful().Run(new Order("x"));
        var point = unbroken.Points.Index().First(one => one.Item is { Act: SagaAct.Do, After: true, Step: "act" }).Index;
        var left = await Doubtful().CrashAt(point).Run(new Order("x"));
        var again = await Doubtful().CrashAt(point).RetryWhenStuck().Run(new Order("x"));
        var done = await Doubtful().CrashAt(point).SkipWhenStuck().Run(new Order("x"));

        Assert.Equal("Nobody knows whether step 'act' was done.", left.Fault!.Message);
        Assert.Equal((SagaState.Stuck, SagaState.Completed, SagaState.Completed), (left.State, again.State, done.State));
        Assert.Equal((1, 2, 1), (left.Calls.Count(IsAct), again.Calls.Count(IsAct), done.Calls.Count(IsAct)));

        static bool IsAct(string call) => call == "do:act";
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_order_while_a_call_is_under_way_is_refused_and_noted(bool retry)
    {
        var definition = new LaunchSaga(_world).Build();
        var now = _clock.GetUtcNow();
        var calling = Decide.Next(definition, Saga(now), new SagaEvent.Resumed(), now, 0).Saga;
        var order = new SagaOrder("me", "because");
        var refused = Decide.Next(definition, calling, retry ? new SagaEvent.RetryAsked(order) : new SagaEvent.SkipAsked(order), now, 0);

        Assert.Null(refused.Move);
        var entry = Assert.Single(refused.Write!.Journal);
        Assert.Equal(JournalKind.OrderRefused, entry.Kind);
        Assert.Contains("because (refused:", System.Text.Encoding.UTF8.GetString(entry.Data.Span), StringComparison.Ordinal);
        Assert.Equal(calling with { Seq = refused.Saga.Seq }, refused.Saga);
    }

    [Fact]
    public void A_retry_of_one_that_pauses_tries_now_and_one_past_its_deadline_gets_it_anew()
    {
        var definition = new LaunchSaga(_world).Build();
        var now = _clock.GetUtcNow();
        var pauses = Saga(now) with { Held = true, State = SagaState.Retrying, Attempt = 3, NextAt = now + TimeSpan.FromMinutes(1) };
        var again = Decide.Next(definition, pauses, new SagaEvent.RetryAsked(new SagaOrder("me", "now")), now, 0);
        Assert.Equal(new Move.Call(0, false, 1), again.Move);
        Assert.Equal(pauses.Deadline, again.Saga.Deadline);

        now += TimeSpan.FromHours(1);
        var stuck = Saga(now) with { Held = true, State = SagaState.Stuck, Step = 3, Deadline = now - TimeSpan.FromMinutes(1) };
        var anew = Decide.Next(definition, stuck, new SagaEvent.RetryAsked(new SagaOrder("me", "now")), now, 0);
        Assert.Equal(new Move.Call(3, false, 1), anew.Move);
        Assert.Equal(now + TimeSpan.FromMinutes(5), anew.Saga.Deadline);
    }

    private static SagaInMemory<Fleet> Fleet(FleetWorld world) => new SagaInMemory<Fleet>(new FleetSaga(world)).With(new PartSaga(world))
        .Fail("attach", No).FailUndo("make", No, times: 12, saga: "test.part");

    private static SagaInMemory<Order> Doubtful() => new(new OnceSaga());

    private SagaInMemory<Order> InMemory() => new(new LaunchSaga(_world), _clock);

    private static SagaRecord Saga(DateTimeOffset now) => new()
    {
        Id = new SagaId(1),
        Key = "k",
        Shard = 0,
        Name = "test.launch",
        Version = 1,
        StartedAt = now,
        Deadline = now + TimeSpan.FromMinutes(5),
        Input = "{\"app\":\"shop\"}"u8.ToArray(),
        State = SagaState.Running,
        Seq = 1,
    };

    private sealed class OnceSaga : Saga<Order>
    {
        protected internal override void Define(SagaBuilder<Order> saga)
        {
            saga.Name("test.doubtful").Deadline(TimeSpan.FromMinutes(1));
            saga.Step("act", Effect.Once, Do: _ => Task.FromResult(Outcome.Ok));
        }
    }
}
