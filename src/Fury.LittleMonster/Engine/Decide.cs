using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>
/// The engine's every decision, pure: a saga, its definition and what happened give the new saga, what to write and what to do.
/// </summary>
internal static partial class Decide
{
    /// <summary>Failed attempts that ride along with the next write; older ones are forgotten.</summary>
    public const int UnwrittenMax = 16;

    /// <summary>One call of an undo may take this long; then it is told to end and tried again.</summary>
    public static readonly TimeSpan UndoCallMax = TimeSpan.FromMinutes(5);

    /// <summary>One question of a poll may take this long; then it counts as "not yet".</summary>
    public static readonly TimeSpan PollCallMax = TimeSpan.FromMinutes(1);

    /// <summary>A call that was told to end and does not is given up after this; its saga goes on without it.</summary>
    public static readonly TimeSpan EndGrace = TimeSpan.FromSeconds(10);

    /// <param name="chance">From 0 to 1, for the jitter of pauses.</param>
    public static Decision Next(SagaDefinition definition, SagaRecord saga, SagaEvent happened, DateTimeOffset now, double chance)
    {
        var at = new Moment(definition, now, chance, happened.Time);
        return happened switch
        {
            SagaEvent.CancelAsked cancel => Cancel(at, saga, cancel.Order),
            SagaEvent.RevertAsked revert => Revert(at, saga, revert),
            _ when saga.IsFinal => Decision.Stay(saga),
            SagaEvent.RetryAsked retry => Retry(at, saga, retry.Order),
            SagaEvent.SkipAsked skip => Skip(at, saga, skip.Order),
            SagaEvent.SignalCame signal => Signal(at, saga, signal),
            SagaEvent.UpgradeDue upgrade => Upgrade(at, saga, upgrade.OldSteps),
            _ when saga.State is SagaState.Stuck => Decision.Stay(happened is SagaEvent.Resumed ? saga with { Held = true } : saga),
            SagaEvent.Resumed => Resume(at, saga with { Held = true, InFlight = false, NextAt = null }),
            SagaEvent.Elapsed => Elapse(at, saga),
            SagaEvent.Nudged => Nudge(at, saga),
            _ when !saga.InFlight => Decision.Stay(saga),
            SagaEvent.LeaseUnsure => Interrupt(at, saga),
            SagaEvent.Done done when saga.Undoing => Undone(at, Answered(saga)),
            SagaEvent.Done done => StepDone(at, Answered(saga), done.Result, done.ExternalId),
            SagaEvent.NotYet later => Wait(at, Answered(saga), later.Answer, saga.Nudged),
            SagaEvent.Refused refused when saga.Undoing => UndoRefused(at, Answered(saga), refused.Fault, saga.Nudged),
            SagaEvent.Refused refused => StepRefused(at, Answered(saga), refused),
            SagaEvent.CallInterrupted => Interrupted(at, Answered(saga), saga.Nudged),
            _ => throw new InvalidOperationException($"Unknown event {happened}."),
        };
    }

    /// <summary>The record of a saga that is about to be written for the first time.</summary>
    public static (SagaRecord Saga, SagaWrite Write) Start(SagaDefinition definition, SagaRecord blank, DateTimeOffset now)
    {
        var (saga, ledger) = Enter(new Moment(definition, now, 0, null), blank with { Deadline = now + definition.Deadline }, 0);
        return (saga with { Seq = 1 }, new SagaWrite(0, [new JournalEntry(JournalKind.Started, 0, 1, default)], ledger));
    }

    private static SagaRecord Answered(SagaRecord saga) => saga with { InFlight = false, Nudged = false, ToldAt = null };

    private static Decision Resume(Moment at, SagaRecord saga) => saga switch
    {
        { Undoing: true } => CallUndo(at, saga),
        { State: SagaState.Parked } => Unpark(at, saga),
        { Intent: true, Recovered: true } => Doubt(at, saga),
        _ => Go(at, saga),
    };

    /// <summary>
    /// It was written down by a host that did not know it, and has never been at a step: it enters its first one, durably, before a call of it
    /// begins; else nobody would know after a crash that a step that can be done only once may have been.
    /// </summary>
    private static Decision Unpark(Moment at, SagaRecord saga)
    {
        var (entered, ledger) = Enter(at, saga, saga.Step);
        var going = Go(at, entered);
        return going.Write is null ? Write(going.Saga, ledger, going.Move) : going with { Write = With(going.Write, [.. ledger]) };
    }

    /// <summary>Begins a call of the present step, or its wait, unless it is too late for it.</summary>
    private static Decision Go(Moment at, SagaRecord saga)
    {
        if (saga.CancelReason is { } reason && !at.IsPastPivot(saga))
        {
            return Fail(at, saga, Cancelled(reason));
        }

        var step = at.Step(saga);
        if (step.Kind is StepKind.Signal && saga.Signals.TryGetValue(step.Name, out var signal))
        {
            return StepDone(at, saga with { Signals = saga.Signals.Remove(step.Name) }, signal, null);
        }

        if (step.Kind is StepKind.Sleep && at.Now >= saga.DueAt && at.Now < saga.Deadline)
        {
            return StepDone(at, saga, Empty, null);
        }

        if (at.Late(saga) is { } late)
        {
            return Fail(at, saga, late);
        }

        if (step.Kind is StepKind.Sleep or StepKind.Signal)
        {
            return Decision.Stay(saga with { State = SagaState.Waiting, NextAt = null });
        }

        var until = saga.DueAt is { } due && due < saga.Deadline ? due : saga.Deadline;
        return new Decision(
            saga with
            {
                State = step.IsPoll ? SagaState.Waiting : SagaState.Running,
                InFlight = true,
                NextAt = null,
                ToldAt = null,
                CallUntil = step.IsPoll && at.Now + PollCallMax < until ? at.Now + PollCallMax : until,
            },
            null,
            new Move.Call(saga.Step, false, saga.Attempt));
    }

    private static Decision StepDone(Moment at, SagaRecord saga, ReadOnlyMemory<byte> result, string? externalId, JournalKind kind = JournalKind.StepDone)
    {
        var step = at.Step(saga);
        var ledger = new List<LedgerChange>();
        if (step.Ledger is not null && kind is JournalKind.StepDone)
        {
            ledger.Add(new LedgerChange(saga.Step, step.Ledger(saga.Input), LedgerState.Live, externalId));
        }

        var noted = kind is JournalKind.StepDone ? Note(at, saga, kind, result) : saga;
        var next = noted with { Results = saga.Results.SetItem(step.Name, result), Fault = null, WaitingFor = null };
        if (next.CancelReason is { } reason && !at.IsPastPivot(next))
        {
            return Fail(at, next, Cancelled(reason), ledger);
        }

        if (saga.Step + 1 == at.Definition.Steps.Count)
        {
            return Write(next with { State = SagaState.Completed }, ledger, null);
        }

        var (entered, intended) = Enter(at, next, saga.Step + 1);
        var going = Go(at, entered);

        // Only computed, and computed again after a crash before anything is done with it: it is written with what follows.
        if (IsFree(step) && IsFree(at.Step(entered)) && going.Write is null)
        {
            return going;
        }

        ledger.AddRange(intended);
        return going.Write is null ? Write(going.Saga, ledger, going.Move) : going with { Write = With(going.Write, ledger) };
    }

    private static bool IsFree(StepDefinition step) => step is { Effect: Effect.Pure, Kind: StepKind.Call, Deadline: null };

    private static (SagaRecord Saga, IReadOnlyList<LedgerChange> Ledger) Enter(Moment at, SagaRecord saga, int index)
    {
        var step = at.Definition.Steps[index];
        var entered = saga with
        {
            Step = index,
            Attempt = 1,
            NextAt = null,
            State = step.Kind is StepKind.Call ? SagaState.Running : SagaState.Waiting,
            DueAt = at.DueAt(step, saga),
            Intent = step.Effect is Effect.Once,
            Recovered = false,
        };
        return (entered, step.Ledger is null ? [] : [new LedgerChange(index, step.Ledger(saga.Input), LedgerState.Intended, null)]);
    }

    private static Decision StepRefused(Moment at, SagaRecord saga, SagaEvent.Refused refused)
    {
        var step = at.Step(saga);
        var fault = refused.Fault.With("step", step.Name);
        if (step.IsPoll && refused.MayPass && saga.CancelReason is null)
        {
            return Wait(at, saga, new PollNotYet(fault.Message, null), false);
        }

        var noted = Note(at, saga, JournalKind.AttemptFailed, Json(fault));
        if (step.Effect is Effect.Once && (refused.MayPass || refused.InDoubt))
        {
            return Doubt(at, noted with { Fault = fault });
        }

        if (noted.CancelReason is { } reason && !at.IsPastPivot(noted))
        {
            return Fail(at, noted, Cancelled(reason));
        }

        var pause = step.Retry.Pause(saga.Attempt, at.Chance);
        var again = at.IsPastPivot(saga) || (refused.MayPass && saga.Attempt < step.Retry.AttemptsMax);
        if (!again || at.Late(saga) is not null || at.LateAt(saga, at.Now + pause))
        {
            return Fail(at, noted, fault);
        }

        return Decision.Stay(noted with
        {
            State = SagaState.Retrying,
            Attempt = saga.Attempt + 1,
            NextAt = at.Now + pause,
            Fault = fault,
        });
    }

    private static Decision Wait(Moment at, SagaRecord saga, PollNotYet answer, bool nudged)
    {
        var pause = answer.After is { } after ? after * (0.9 + (at.Chance * 0.2)) : at.Step(saga).Pace!.Pause(saga.Attempt, at.Chance);
        var waiting = saga with
        {
            State = SagaState.Waiting,
            WaitingFor = answer.Why,
            NextAt = at.Now + pause,
            Attempt = saga.Attempt + 1,
        };
        return nudged || saga.CancelReason is not null || at.Late(saga) is not null ? Go(at, waiting) : Decision.Stay(waiting);
    }

    private static Decision Elapse(Moment at, SagaRecord saga)
    {
        if (saga.InFlight)
        {
            return saga.ToldAt is { } told
                ? at.Now >= told + EndGrace ? Interrupted(at, Answered(saga), saga.Nudged) : Decision.Stay(saga)
                : at.Now >= saga.CallUntil ? Interrupt(at, saga) : Decision.Stay(saga);
        }

        var due = saga.NextAt is { } next && next <= at.Now;
        return saga.Undoing
            ? due ? CallUndo(at, saga) : Decision.Stay(saga)
            : due || at.IsDue(saga) ? Go(at, saga) : Decision.Stay(saga);
    }

    private static Decision Nudge(Moment at, SagaRecord saga) => saga switch
    {
        { Held: false } => Decision.Stay(saga),
        { InFlight: true } => Decision.Stay(saga with { Nudged = true }),
        { Undoing: true } => CallUndo(at, saga),
        _ when at.Step(saga).IsPoll => Go(at, saga),
        _ => Decision.Stay(saga),
    };

    private static Decision Interrupt(Moment at, SagaRecord saga) =>
        saga.ToldAt is null ? new(saga with { ToldAt = at.Now }, null, new Move.Interrupt()) : Decision.Stay(saga);

    private static Decision Interrupted(Moment at, SagaRecord saga, bool nudged)
    {
        if (saga.Undoing)
        {
            return at.Now >= saga.CallUntil
                ? UndoRefused(at, saga, new Fault(FaultKind.Unavailable, $"The undo did not end within {UndoCallMax}."), nudged)
                : CallUndo(at, saga);
        }

        return at.Step(saga) switch
        {
            { Effect: Effect.Once } => Doubt(at, saga),
            { IsPoll: true } => Wait(at, saga, new PollNotYet(saga.WaitingFor, null), nudged),
            _ => Go(at, saga),
        };
    }

    private static Fault Cancelled(string reason) => new(FaultKind.Conflict, $"Cancelled: {reason}");

    private static readonly ReadOnlyMemory<byte> Empty = "{}"u8.ToArray();

    private static byte[] Json<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, FuryJson.Options);
}
