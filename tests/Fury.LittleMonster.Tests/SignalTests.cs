using Fury.LittleMonster.Testing;

namespace Fury.LittleMonster.Tests;

/// <summary>What becomes of a signal, whenever it comes.</summary>
public sealed class SignalTests
{
    private static readonly SagaEvent.SignalCame Yes = new("approved", "\"good\""u8.ToArray());

    private readonly FleetWorld _world = new();
    private readonly TestClock _clock = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Early_or_in_time_its_value_is_the_result_of_its_step(bool early)
    {
        var run = await InMemory().Signal("approved", "good", early).Run(new Approval("x", RestSeconds: 5));

        Assert.Equal((SagaState.Completed, "good"), (run.State, run.Get<string>("approved")));
        Assert.Equal("draft of x,good version of x", string.Join(',', _world.Of("x")));
        Assert.Equal(TimeSpan.FromSeconds(5), run.Elapsed);
    }

    [Fact]
    public async Task Of_several_the_first_counts()
    {
        var run = await InMemory().Signal("approved", "first", early: true).Signal("approved", "second", early: true).Signal("approved", "third")
            .Run(new Approval("x"));
        Assert.Equal("first", run.Get<string>("approved"));
    }

    [Fact]
    public async Task One_that_never_comes_fails_the_saga_at_the_deadline_of_its_step()
    {
        var run = await InMemory().Run(new Approval("x"));

        Assert.Equal((SagaState.Compensated, "approved"), (run.State, run.FailedStep));
        Assert.Equal("Step 'approved' did not end within 01:00:00.", run.Fault!.Message);
        Assert.Equal(ApprovalSaga.Patience, run.Elapsed);
        Assert.Empty(_world.Things);
    }

    [Fact]
    public Task An_early_one_is_not_lost_in_any_crash() => SagaKit.CrashesAtEveryPoint(() => Case(early: true), pairs: true);

    [Fact]
    public Task One_that_comes_in_time_is_not_lost_in_any_crash() => SagaKit.CrashesAtEveryPoint(() => Case(early: false), pairs: true);

    [Fact]
    public Task A_saga_that_waits_for_one_is_undone_whenever_it_is_cancelled() => SagaKit.CancelsAtEveryPoint(() => Case(early: false));

    [Fact]
    public Task A_saga_that_gets_none_leaves_nothing() => SagaKit.FailsAtEveryStep(() => Case(early: false));

    [Fact]
    public void One_that_comes_during_a_call_is_kept_and_noted()
    {
        var saga = At(0, new SagaEvent.Resumed());
        var kept = Next(saga, Yes);
        var twice = Next(kept.Saga, Yes with { Value = "\"bad\""u8.ToArray() });

        Assert.Equal(JournalKind.SignalKept, Assert.Single(kept.Write!.Journal).Kind);
        Assert.Equal(JournalKind.SignalIgnored, Assert.Single(twice.Write!.Journal).Kind);
        Assert.Equal("\"good\"", System.Text.Encoding.UTF8.GetString(twice.Saga.Signals["approved"].Span));
    }

    [Fact]
    public void One_that_comes_before_the_saga_has_its_key_is_kept()
    {
        var kept = Next(Blank() with { Step = 2, State = SagaState.Waiting }, Yes);
        var resumed = Next(kept.Saga, new SagaEvent.Resumed());

        Assert.Null(kept.Move);
        Assert.Equal(new Move.Call(3, false, 1), resumed.Move);
        Assert.Empty(resumed.Saga.Signals);
    }

    [Fact]
    public void One_that_comes_too_late_or_for_nothing_is_noted_and_ignored()
    {
        foreach (var saga in new[]
        {
            At(3, new SagaEvent.Resumed()),
            At(2, new SagaEvent.Resumed(), new SagaEvent.CancelAsked(new SagaOrder("", "no"))),
        })
        {
            var ignored = Next(saga, Yes);
            Assert.Equal(JournalKind.SignalIgnored, Assert.Single(ignored.Write!.Journal).Kind);
            Assert.Equal((saga.Step, saga.State, null), (ignored.Saga.Step, ignored.Saga.State, ignored.Move));
        }

        Assert.Equal(JournalKind.SignalIgnored, Assert.Single(Next(At(0), Yes with { Name = "unheard-of" }).Write!.Journal).Kind);
        Assert.Equal(JournalKind.SignalIgnored, Assert.Single(Next(At(0), Yes with { Name = "draft" }).Write!.Journal).Kind);
    }

    private static SagaCase<Approval> Case(bool early)
    {
        var world = new FleetWorld();
        return new(new ApprovalSaga(world), new Approval("x", RestSeconds: 1), () => Assert.Empty(world.Things), world.ToString)
        {
            Arrange = run => run.Signal("approved", "good", early),
        };
    }

    private SagaInMemory<Approval> InMemory() => new(new ApprovalSaga(_world), _clock);

    private Decision Next(SagaRecord saga, SagaEvent happened) =>
        Decide.Next(new ApprovalSaga(_world).Build(), saga, happened, _clock.GetUtcNow(), 0.5);

    private SagaRecord At(int step, params SagaEvent[] happened) => happened.Aggregate(
        Blank() with { Step = step, State = step == 2 ? SagaState.Waiting : SagaState.Running }, (saga, one) => Next(saga, one).Saga);

    private SagaRecord Blank() => new()
    {
        Id = new SagaId(1),
        Key = "k",
        Shard = 0,
        Name = "test.approval",
        Version = 1,
        StartedAt = _clock.GetUtcNow(),
        Deadline = _clock.GetUtcNow() + TimeSpan.FromDays(1),
        Input = "{\"name\":\"x\"}"u8.ToArray(),
        State = SagaState.Running,
        Seq = 1,
    };
}
