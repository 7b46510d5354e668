using Fury.Kernel;
using Fury.LittleMonster.Testing;

namespace Fury.LittleMonster.Tests;

/// <summary>The children of one step, without any engine: how many are started, when it gives up, how they are undone.</summary>
public sealed class ChildGroupTests
{
    private static readonly Fault No = new(FaultKind.Conflict, "No.");

    private readonly Nursery _nursery = new();

    [Fact]
    public async Task So_many_run_at_a_time_and_all_in_the_end()
    {
        var (group, call) = (Group(7, concurrency: 3), Call());
        for (var ended = 0; ended < 7; ended++)
        {
            Assert.Null((await group.Advance(call)).Ended);
            Assert.Equal(Math.Min(3, 7 - ended), _nursery.Running);
            _nursery.End(SagaState.Completed);
        }

        var runs = (await group.Advance(call)).Ended!;
        Assert.Equal(Enumerable.Range(0, 7).Select(n => $"1/many/{n}"), runs.Select(run => run.Output!.Value.GetString()));
    }

    [Fact]
    public async Task A_parent_that_forgot_all_finds_its_children_and_starts_none_twice()
    {
        await Group(5, concurrency: 2).Advance(Call());
        _nursery.End(SagaState.Completed);
        var progress = await Group(5, concurrency: 2).Advance(Call());

        Assert.Equal("1 of 5 child sagas have ended", progress.Why);
        Assert.Equal((2, 3), (_nursery.Running, _nursery.Started));
    }

    [Fact]
    public async Task It_fails_as_soon_as_too_few_can_complete_and_starts_no_more()
    {
        var (group, call) = (Group(10, concurrency: 2, atLeast: count => count - 1), Call());
        await group.Advance(call);
        _nursery.End(SagaState.Compensated);
        Assert.Null((await group.Advance(call)).Fault);
        _nursery.End(SagaState.Compensated);
        var started = _nursery.Started;
        var failed = await group.Advance(call);

        Assert.StartsWith("2 of 10 child sagas failed, and 9 must complete; saga ", failed.Fault!.Message);
        Assert.EndsWith(": It broke.", failed.Fault.Message);
        Assert.Equal(started, _nursery.Started);
    }

    [Fact]
    public async Task Some_may_fail_and_the_result_says_which()
    {
        var (group, call) = (Group(3, concurrency: 3, atLeast: _ => 1), Call());
        await group.Advance(call);
        _nursery.End(SagaState.Compensated, SagaState.Completed, SagaState.Compensated);
        var runs = (await group.Advance(call)).Ended!;

        Assert.Equal([SagaState.Compensated, SagaState.Completed, SagaState.Compensated], runs.Select(run => run.State));
        Assert.Equal("It broke.", runs[0].Error);
    }

    [Fact]
    public async Task None_at_all_are_done_at_once() => Assert.Empty((await Group(0, concurrency: 3).Advance(Call())).Ended!);

    [Fact]
    public async Task Behind_the_pivot_one_that_failed_is_started_anew_but_not_for_ever()
    {
        var (group, call) = (Group(1, concurrency: 1), Call(behindPivot: true));
        for (var tried = 1; tried <= ChildGroup.TriesMax; tried++)
        {
            Assert.Null((await group.Advance(call)).Fault);
            Assert.Equal(tried, _nursery.Started);
            _nursery.End(SagaState.Compensated);
        }

        Assert.StartsWith("Child saga ", (await group.Advance(call)).Fault!.Message);
        Assert.Equal(ChildGroup.TriesMax, _nursery.Started);
    }

    [Fact]
    public async Task Undone_it_asks_each_once_and_ends_when_none_has_left_anything()
    {
        await Group(3, concurrency: 2).Advance(Call());
        _nursery.End(SagaState.Completed);
        var (group, call) = (Group(3, concurrency: 2), Call());

        Assert.Equal("2 child sagas are being undone.", (await group.Revert(call)).Fault!.Message);
        await group.Revert(call);
        Assert.Equal(2, _nursery.Reverts);
        Assert.Equal(3, _nursery.Sealed);
        _nursery.All(SagaState.Compensated);
        Assert.True((await group.Revert(call)).IsOk);
    }

    [Fact]
    public async Task One_that_is_stuck_is_named_and_waited_for()
    {
        await Group(2, concurrency: 2).Advance(Call());
        _nursery.End(SagaState.Stuck);
        var waits = await Group(2, concurrency: 2).Revert(Call());

        Assert.Equal(FaultKind.Unavailable, waits.Fault!.Kind);
        Assert.Contains("is stuck: It broke.", waits.Fault.Message, StringComparison.Ordinal);
        Assert.Equal(1, _nursery.Reverts);
    }

    [Fact]
    public async Task A_child_that_fails_inside_a_fan_out_is_told_to_the_parent()
    {
        var world = new FleetWorld();
        var run = await new SagaInMemory<Fleet>(new FleetSaga(world)).With(new PartSaga(world))
            .Fail("mark", No, times: 1, saga: "test.part").Run(new Fleet("shop"));

        Assert.Equal((SagaState.Compensated, "depot"), (run.State, run.FailedStep));
        Assert.Matches("^Child saga [0-9]+ failed: No.$", run.Fault!.Message);
        Assert.Empty(world.Things);
    }

    [Fact]
    public async Task A_grandchild_with_the_key_of_its_grandparent_is_refused_instead_of_waiting_for_ever()
    {
        var run = await new SagaInMemory<Part>(new Outer()).With(new Middle(), new Inner()).Run(new Part("doll"));

        Assert.Equal((SagaState.Compensated, "middle"), (run.State, run.FailedStep));
        Assert.EndsWith("would wait for saga 4711, which waits for it: both have the concurrency key 'doll'.", run.Fault!.Message);
    }

    private static ChildGroup Group(int count, int concurrency, Func<int, int>? atLeast = null) => new(
        "many",
        typeof(PartSaga),
        concurrency,
        _ => [.. Enumerable.Range(0, count).Select(n => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes($"{n}"))],
        atLeast ?? (all => all));

    private StepCall Call(bool behindPivot = false) => new()
    {
        Saga = new SagaId(1),
        Step = "many",
        Space = default,
        Fence = 1,
        Attempt = 1,
        Input = default,
        Results = new Dictionary<string, ReadOnlyMemory<byte>>(),
        Children = _nursery,
        BehindPivot = behindPivot,
    };

    private sealed class Outer : Saga<Part>
    {
        protected internal override void Define(SagaBuilder<Part> saga) =>
            saga.Name("test.outer").Key(part => part.Name).Deadline(TimeSpan.FromHours(1)).Child<Middle, Part>("middle", x => x.Input);
    }

    private sealed class Middle : Saga<Part>
    {
        protected internal override void Define(SagaBuilder<Part> saga) =>
            saga.Name("test.middle").Key(part => $"middle-{part.Name}").Deadline(TimeSpan.FromHours(1)).Child<Inner, Part>("inner", x => x.Input);
    }

    private sealed class Inner : Saga<Part>
    {
        protected internal override void Define(SagaBuilder<Part> saga) =>
            saga.Name("test.inner").Key(part => part.Name).Deadline(TimeSpan.FromHours(1)).Sleep("rest", TimeSpan.FromSeconds(1));
    }

    /// <summary>Children that end when they are told to, the oldest first.</summary>
    private sealed class Nursery : IChildSagas
    {
        private readonly List<(string Key, SagaState State)> _children = [];

        public int Started => _children.Count;

        public int Running => _children.Count(child => child.State is SagaState.Running);

        public int Reverts { get; private set; }

        public int Sealed { get; private set; }

        public void End(params SagaState[] states)
        {
            foreach (var state in states)
            {
                var index = _children.FindIndex(child => child.State is SagaState.Running);
                _children[index] = _children[index] with { State = state };
            }
        }

        public void All(SagaState state)
        {
            for (var index = 0; index < _children.Count; index++)
            {
                _children[index] = _children[index] with { State = state };
            }
        }

        public Task<IReadOnlyList<ChildLook>> Look(Type child, IReadOnlyList<string> keys, bool seal, CancellationToken cancellation)
        {
            Sealed = seal ? keys.Count : Sealed;
            return Task.FromResult<IReadOnlyList<ChildLook>>([.. from key in keys.Index()
                from one in _children.Index()
                where one.Item.Key == key.Item
                select new ChildLook(
                    key.Index,
                    new SagaId(100 + one.Index),
                    one.Item.State,
                    one.Item.State is SagaState.Compensated or SagaState.Stuck ? "It broke." : "",
                    System.Text.Json.JsonSerializer.SerializeToElement(key.Item))]);
        }

        public Task<Outcome<SagaId>> Start(Type child, string key, ReadOnlyMemory<byte> input, StepCall parent, CancellationToken cancellation)
        {
            Assert.DoesNotContain(_children, one => one.Key == key);
            _children.Add((key, SagaState.Running));
            return Task.FromResult<Outcome<SagaId>>(new SagaId(99 + _children.Count));
        }

        public Task<Outcome> Revert(SagaId child, string reason, CancellationToken cancellation)
        {
            Reverts++;
            return Task.FromResult(Outcome.Ok);
        }
    }
}
