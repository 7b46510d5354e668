using System.Text.Json;

namespace Fury.LittleMonster;

/// <summary>What people, parents and other parts of the platform ask of a saga.</summary>
internal static partial class Decide
{
    private static Decision Cancel(Moment at, SagaRecord saga, SagaOrder order)
    {
        if (saga.IsFinal || saga.Undoing || saga.CancelReason is not null || at.IsPastPivot(saga))
        {
            return Write(Note(at, saga, JournalKind.CancelRefused, Json(order)), [], null);
        }

        var cancelled = Note(at, saga, JournalKind.CancelRequested, Json(order)) with { CancelReason = order.Reason };
        return cancelled switch
        {
            { State: SagaState.Stuck } => Fail(at, cancelled, Cancelled(order.Reason)),

            // Without its key it has not begun in this life, and may not touch the world, not even to undo.
            { Held: false } => Write(cancelled, [], null),
            { InFlight: true } => Write(cancelled with { ToldAt = cancelled.ToldAt ?? at.Now }, [], new Move.Interrupt()),
            _ => Fail(at, cancelled, Cancelled(order.Reason)),
        };
    }

    /// <summary>One that has completed comes back to life and undoes all its steps, if it has no pivot; a live one is cancelled.</summary>
    private static Decision Revert(Moment at, SagaRecord saga, SagaEvent.RevertAsked revert)
    {
        var order = revert.Order;
        if (saga.State is SagaState.Compensated || saga.Undoing || (saga.IsFinal && at.Definition.HasPivot))
        {
            return Decision.Stay(saga);
        }

        if (saga.State is not SagaState.Completed)
        {
            return Cancel(at, saga, order);
        }

        var present = revert.OldSteps is { } steps ? Upgraded(at, saga, steps) : saga;
        var fault = Cancelled(order.Reason).With("step", at.Step(present).Name);
        var reverted = Note(at, present, JournalKind.Reverted, Json(order)) with { Undoing = true, Fault = fault, Held = false, Recovered = true };
        var decision = UndoFrom(at, reverted, present.Step, []);

        // It calls nothing yet: it must get its concurrency key first.
        return decision with
        {
            Saga = decision.Saga with { InFlight = false },
            Write = decision.Write! with { Revive = true, NewInput = present != saga },
            Move = null,
        };
    }

    private static Decision Retry(Moment at, SagaRecord saga, SagaOrder order)
    {
        if (HasMovedOn(at, saga, order))
        {
            return RefuseOrder(at, saga, order, "it has moved on since");
        }

        if (!saga.Held || saga.InFlight || (saga.State is not SagaState.Stuck && saga.NextAt is null))
        {
            return RefuseOrder(at, saga, order, "there is nothing to try again now");
        }

        var again = Note(at, saga, JournalKind.RetryRequested, Json(order)) with { Attempt = 1, NextAt = null };
        if (saga.Undoing)
        {
            return Written(CallUndo(at, again with { Fault = Cause(saga.Fault) }));
        }

        var step = at.Step(saga);
        var anew = saga.State is SagaState.Stuck || at.Now >= saga.DueAt;
        return Written(Go(at, again with
        {
            State = SagaState.Running,
            Intent = step.Effect is Effect.Once,
            Recovered = false,
            Fault = null,
            Deadline = DeadlineAnew(at, saga),
            DueAt = anew ? at.DueAt(step, saga) : saga.DueAt,
        }));
    }

    private static Decision Skip(Moment at, SagaRecord saga, SagaOrder order)
    {
        if (HasMovedOn(at, saga, order))
        {
            return RefuseOrder(at, saga, order, "it has moved on since");
        }

        var step = at.Step(saga);
        var waits = saga.State is SagaState.Stuck || saga.NextAt is not null || step.Kind is StepKind.Sleep or StepKind.Signal;
        if (!saga.Held || saga.InFlight || !waits)
        {
            return RefuseOrder(at, saga, order, "a call is under way, or it waits for its turn");
        }

        var noted = Note(at, saga, JournalKind.Skipped, Json(order));
        if (saga.Undoing)
        {
            // Its ledger stays as it is: what it may have left is found by the sweep.
            return UndoFrom(at, noted with { Fault = Cause(saga.Fault) }, saga.Step - 1, []);
        }

        if (step.Misfit(order.Result) is { } expected)
        {
            return RefuseOrder(at, saga, order, $"the result must be {expected}");
        }

        var result = order.Result is { } given ? Json(given) : Empty;
        var going = noted with { Recovered = false, Deadline = DeadlineAnew(at, saga) };
        return Written(StepDone(at, going, result, null, JournalKind.Skipped));
    }

    /// <summary>An order that came late, or twice, must not be carried out on another step than it was given for.</summary>
    private static bool HasMovedOn(Moment at, SagaRecord saga, SagaOrder order) =>
        order.Seen is { } seen && seen != new SagaPlace(saga.Seq, at.Step(saga).Name);

    /// <summary>The time that a stuck saga has waited for a person is not held against it.</summary>
    private static DateTimeOffset DeadlineAnew(Moment at, SagaRecord saga) =>
        at.Now >= saga.Deadline ? at.Now + at.Definition.Deadline : saga.Deadline;

    private static Decision RefuseOrder(Moment at, SagaRecord saga, SagaOrder order, string why) =>
        Write(Note(at, saga, JournalKind.OrderRefused, Json(order with { Reason = $"{order.Reason} (refused: {why})" })), [], null);

    private static Decision Signal(Moment at, SagaRecord saga, SagaEvent.SignalCame signal)
    {
        var data = Json(new { signal.Name, Value = JsonSerializer.Deserialize<JsonElement>(signal.Value.Span) });
        var wanted = !saga.Undoing && !saga.Signals.ContainsKey(signal.Name)
            && at.Definition.IndexOf(signal.Name) is { } index && index >= saga.Step && at.Definition.Steps[index].Kind is StepKind.Signal;
        if (!wanted)
        {
            return Write(Note(at, saga, JournalKind.SignalIgnored, data), [], null);
        }

        if (saga.Held && !saga.InFlight && at.Step(saga).Name == signal.Name && saga.State is not SagaState.Stuck)
        {
            return StepDone(at, saga, signal.Value, null);
        }

        return Write(
            Note(at, saga, JournalKind.SignalKept, data) with { Signals = saga.Signals.SetItem(signal.Name, signal.Value) }, [], null);
    }

    private static Decision Upgrade(Moment at, SagaRecord saga, IReadOnlyList<string> oldSteps)
    {
        var upgraded = Upgraded(at, saga, oldSteps);
        if (saga.Undoing && at.Step(upgraded).Undo is null)
        {
            throw new InvalidOperationException(
                $"{About(at, saga)} puts a saga that is being undone at step '{at.Step(upgraded).Name}', which has no undo.");
        }

        // Another step than it was at begins now: its time, its intent, its line in the ledger.
        var stays = saga.Undoing || at.Step(upgraded).Name == oldSteps[saga.Step];
        var (entered, intended) = stays ? (upgraded, []) : Enter(at, upgraded, upgraded.Step);
        var decision = Write(entered, intended, null);
        return decision with { Write = decision.Write! with { NewInput = true } };
    }

    private static SagaRecord Upgraded(Moment at, SagaRecord saga, IReadOnlyList<string> oldSteps)
    {
        var before = new SagaShape(
            oldSteps[saga.Step],
            saga.Undoing,
            JsonSerializer.Deserialize<JsonElement>(saga.Input.Span),
            new ResultsView(saga.Results));
        var after = at.Definition.Upgrades[saga.Version](before);
        var index = at.Definition.IndexOf(after.Step) ?? throw new InvalidOperationException(
            $"{About(at, saga)} puts it at step '{after.Step}', which version {at.Definition.Version} does not have.");
        return Note(at, saga, JournalKind.Upgraded, Json(new { from = saga.Version, to = at.Definition.Version, step = after.Step })) with
        {
            Version = at.Definition.Version,
            Step = index,
            Input = Json(after.Input),
            Results = saga.Results.Clear().AddRange(
                after.Results.Select(result => KeyValuePair.Create(result.Key, (ReadOnlyMemory<byte>)Json(result.Value)))),
        };
    }

    private static string About(Moment at, SagaRecord saga) => $"The upgrade of {at.Definition.Name} from version {saga.Version}";
}
