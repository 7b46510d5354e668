using Fury.LittleMonster;

namespace Fury.Services.Moves;

/// <summary>Which move.</summary>
/// <param name="Service">For people who look at the saga.</param>
internal sealed record MoveInput(Guid Move, string Service);

/// <summary>
/// Moves the data of a service while it is used. How far it is, is kept in <c>services.move</c> and not in the saga's own steps, since a step is too coarse
/// for a copy that takes hours; the saga sees to it that somebody goes on, whatever host dies. It is turned round by saying so, never by being undone.
/// </summary>
internal sealed class MoveData(MoveRunner runner, MoveSettings settings) : Saga<MoveInput>
{
    private static readonly TimeSpan Patience = TimeSpan.FromDays(60);

    protected override void Define(SagaBuilder<MoveInput> saga)
    {
        saga.Name("services.move-data").Version(1).Key(input => $"move/{input.Move}").Deadline(Patience);
        saga.Pivot();
        saga.Poll<MoveOutcome>("move", x => runner.Turn(x.Input.Move, x.Fence, x.Cancellation), settings.Period, Patience);
    }
}
