namespace Fury.LittleMonster.Tests;

public sealed record Approval(string Name, int RestSeconds = 0);

/// <summary>Makes a draft, rests, waits for somebody's word, and then makes what was approved.</summary>
public sealed class ApprovalSaga(FleetWorld world) : Saga<Approval>
{
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    protected internal override void Define(SagaBuilder<Approval> saga)
    {
        saga.Name("test.approval").Deadline(TimeSpan.FromDays(1));
        saga.Step("draft", Effect.Token, x => world.Make("draft", x.Input.Name, x.Token), x => world.Remove(x.Token));
        saga.Sleep("rest", input => TimeSpan.FromSeconds(input.RestSeconds));
        var word = saga.Signal<string>("approved", Patience);
        saga.Step(
            "make", Effect.Token, x => world.Make($"{x.Get(word)} version", x.Input.Name, x.Token), x => world.Remove(x.Token), Retry.None);
    }
}
