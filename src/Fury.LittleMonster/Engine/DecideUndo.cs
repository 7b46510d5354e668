using Fury.Kernel;

namespace Fury.LittleMonster;

internal static partial class Decide
{
    /// <summary>
    /// Turns the saga round. The step it is at may have been in flight, so it is the first to be undone. Behind the pivot there is no way
    /// back: it is stuck.
    /// </summary>
    private static Decision Fail(Moment at, SagaRecord saga, Fault fault, IReadOnlyList<LedgerChange>? ledger = null)
    {
        var reason = fault.Facts.ContainsKey("step") ? fault : fault.With("step", at.Step(saga).Name);
        var failed = saga with { Fault = reason, NextAt = null, DueAt = null, Intent = false, WaitingFor = null };
        if (at.IsPastPivot(saga))
        {
            return Stick(at, failed, reason, ledger ?? []);
        }

        return UndoFrom(at, Note(at, failed, JournalKind.Failed, Json(reason)) with { Undoing = true }, saga.Step, ledger ?? []);
    }

    /// <summary>A step that can neither be repeated nor found may or may not have been done. Nobody guesses.</summary>
    private static Decision Doubt(Moment at, SagaRecord saga)
    {
        var step = at.Step(saga).Name;
        var fault = new Fault(FaultKind.Conflict, $"Nobody knows whether step '{step}' was done. {saga.Fault?.Message}".TrimEnd());
        return Stick(at, saga, fault.With("step", step), []);
    }

    private static Decision Stick(Moment at, SagaRecord saga, Fault fault, IReadOnlyList<LedgerChange> ledger) => Write(
        Note(at, saga, JournalKind.Stuck, Json(fault)) with { State = SagaState.Stuck, Fault = fault, NextAt = null },
        ledger,
        null);

    /// <summary>Goes to the next step, downwards from <paramref name="from"/>, that has something to undo.</summary>
    private static Decision UndoFrom(Moment at, SagaRecord saga, int from, IReadOnlyList<LedgerChange> ledger)
    {
        var index = from;
        while (index >= 0 && at.Definition.Steps[index].Undo is null)
        {
            index--;
        }

        if (index < 0)
        {
            return Write(saga with { State = SagaState.Compensated }, ledger, null);
        }

        var going = CallUndo(at, saga with { State = SagaState.Undoing, Step = index, Attempt = 1 });
        return Write(going.Saga, ledger, going.Move);
    }

    private static Decision CallUndo(Moment at, SagaRecord saga) => new(
        saga with { State = SagaState.Undoing, InFlight = true, NextAt = null, ToldAt = null, CallUntil = at.Now + UndoCallMax },
        null,
        new Move.Call(saga.Step, true, saga.Attempt));

    private static Decision Undone(Moment at, SagaRecord saga)
    {
        var step = at.Step(saga);
        IReadOnlyList<LedgerChange> ledger = step.Ledger is null
            ? []
            : [new LedgerChange(saga.Step, step.Ledger(saga.Input), LedgerState.Gone, null)];
        return UndoFrom(at, Note(at, saga, JournalKind.Undone, default), saga.Step - 1, ledger);
    }

    private static Decision UndoRefused(Moment at, SagaRecord saga, Fault fault, bool nudged)
    {
        var step = at.Step(saga);
        var noted = Note(at, saga, JournalKind.AttemptFailed, Json(fault)) with { WaitingFor = fault.Message };
        if (saga.Attempt < step.UndoRetry.AttemptsMax)
        {
            var next = noted with
            {
                Attempt = saga.Attempt + 1,
                NextAt = at.Now + step.UndoRetry.Pause(saga.Attempt, at.Chance),
            };
            return nudged ? CallUndo(at, next) : Decision.Stay(next);
        }

        var message = $"Step '{step.Name}' could not be undone: {fault.Message} It failed because: {saga.Fault?.Message}";
        var stuck = new Fault(FaultKind.Conflict, message).With("step", step.Name);
        return Stick(
            at,
            noted,
            saga.Fault is { } cause ? stuck.With(CauseFact, cause.Message).With(CauseStepFact, cause.Facts.GetValueOrDefault("step", "")) : stuck,
            []);
    }

    private const string CauseFact = "cause";
    private const string CauseStepFact = "causeStep";

    /// <summary>Why a saga is undone, once nothing stands in the way of that any more.</summary>
    private static Fault? Cause(Fault? fault) => fault?.Facts.GetValueOrDefault(CauseFact) is { } cause
        ? new Fault(FaultKind.Conflict, cause).With("step", fault.Facts[CauseStepFact])
        : fault;
}
