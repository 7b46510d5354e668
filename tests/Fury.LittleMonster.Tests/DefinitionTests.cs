using Fury.Kernel;

namespace Fury.LittleMonster.Tests;

/// <summary>A definition that cannot be right is refused when the host starts, in a sentence that says what is wrong.</summary>
public sealed class DefinitionTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static TheoryData<string, Action<SagaBuilder<Order>>> Wrong { get; } = new()
    {
        { "has no name", saga => saga.Deadline(Minute).Sleep("rest", Minute) },
        { "has no deadline", saga => saga.Name("test.wrong").Sleep("rest", Minute) },
        { "needs a deadline above zero", saga => saga.Deadline(TimeSpan.Zero) },
        { "has 0 steps; it must be 1 to 100", saga => saga.Name("test.wrong").Deadline(Minute) },
        { "has 101 steps; it must be 1 to 100", saga => Named(saga, 101) },
        { "has two steps named 'rest'", saga => Twice(saga) },
        { "uses the name 'Rest'; names are lower-case letters, digits, dots and hyphens, at most 80", saga => saga.Sleep("Rest", Minute) },
        { "uses the name 'my saga'; names are lower-case letters, digits, dots and hyphens, at most 80", saga => saga.Name("my saga") },
        { "has version 0; it must be 1 to 32767", saga => saga.Version(0) },
        { "has two pivots", saga => saga.Pivot().Pivot() },
        { "has two upgrades from version 1", saga => saga.Upgrade(1, shape => shape).Upgrade(1, shape => shape) },
        { "upgrades from a version that is not older than 1", saga => Named(saga.Upgrade(1, shape => shape), 1) },
        { "has a step 'wait' whose deadline is not above zero", saga => saga.Signal<string>("wait", TimeSpan.Zero) },
        { "has a poll 'ask' whose interval or timeout is not above zero", saga => Poll(saga, TimeSpan.Zero, Minute) },
        { "has a poll 'ask' whose longest interval is shorter than its first", saga => Poll(saga, Minute, Minute, TimeSpan.FromSeconds(1)) },
        { "has a fan-out 'many' whose concurrency is below 1", saga => saga.FanOut<Parent, Order>("many", _ => [], 0) },
        { "has a pure step 'think' with something to undo or to enter", saga => saga.Step("think", Effect.Pure, _ => Ok, _ => Ok) },
    };

    private static Task<Outcome> Ok => Task.FromResult(Outcome.Ok);

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void A_definition_that_cannot_be_right_says_why(string why, Action<SagaBuilder<Order>> define)
    {
        var error = Assert.Throws<InvalidOperationException>(() => new Defined(define).Build());
        Assert.Equal($"Saga Defined {why}.", error.Message);
    }

    [Fact]
    public void Two_sagas_of_one_name_and_version_are_refused() => Assert.Equal(
        "Two sagas are named test.parent version 1.", Refusal(new Parent(), new Parent()));

    [Fact]
    public void A_child_that_is_not_registered_is_refused() => Assert.Equal(
        "Saga test.parent starts Child, which is not registered.", Refusal(new Parent()));

    [Fact]
    public void A_child_with_a_pivot_in_front_of_its_parents_pivot_is_refused() => Assert.Equal(
        "Step 'child' of saga test.parent could not be undone: test.child has a pivot. Put it behind the pivot.",
        Refusal(new Parent(), new Child(hasPivot: true)));

    [Fact]
    public void A_child_without_a_pivot_is_not() =>
        Assert.Equal(2, new SagaRegistry(() => [new Parent(), new Child(hasPivot: false)]).All.Count);

    private static string Refusal(params Saga[] sagas) =>
        Assert.Throws<InvalidOperationException>(() => new SagaRegistry(() => sagas).All).Message;

    private static void Named(SagaBuilder<Order> saga, int steps)
    {
        saga.Name("test.wrong").Deadline(Minute);
        for (var step = 0; step < steps; step++)
        {
            saga.Sleep($"step-{step}", Minute);
        }
    }

    private static void Twice(SagaBuilder<Order> saga)
    {
        saga.Sleep("rest", Minute);
        saga.Sleep("rest", Minute);
    }

    private static void Poll(SagaBuilder<Order> saga, TimeSpan every, TimeSpan timeout, TimeSpan? everyMax = null) =>
        saga.Poll("ask", _ => Task.FromResult(Fury.LittleMonster.Poll.Ready(1)), every, timeout, everyMax);

    private sealed class Defined(Action<SagaBuilder<Order>> define) : Saga<Order>
    {
        protected internal override void Define(SagaBuilder<Order> saga) => define(saga);
    }

    private sealed class Parent : Saga<Order>
    {
        protected internal override void Define(SagaBuilder<Order> saga)
        {
            saga.Name("test.parent").Deadline(Minute);
            saga.Child<Child, Order>("child", x => x.Input);
        }
    }

    private sealed class Child(bool hasPivot) : Saga<Order>
    {
        protected internal override void Define(SagaBuilder<Order> saga)
        {
            saga.Name("test.child").Deadline(Minute).Sleep("rest", Minute);
            if (hasPivot)
            {
                saga.Pivot();
                saga.Sleep("rest-again", Minute);
            }
        }
    }
}
