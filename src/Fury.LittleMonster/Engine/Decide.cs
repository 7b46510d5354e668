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

    /// <param name="chance">From 0 to 1, for the jitter of pauses.</param>
    public static Decision Next(SagaDefinition definition, SagaRecord saga, SagaEvent happened, DateTimeOffset now, double chance)
    {
        var at = new Moment(definition, now, chance);
        return happened switch
        {
            SagaEvent.CancelAsked cancel => Cancel(at, saga, cancel.Reason),
            _ when saga.IsFinal || saga.State is SagaState.Stuck => Decision.Stay(saga),
            SagaEvent.Resumed => Resume(at, saga with { Held = true, InFlight = false, NextAt = null }),
            SagaEvent.Elapsed => Elapse(at, saga),
            SagaEvent.Nudged => Nudge(at, saga),
            _ when !saga.InFlight => Decision.Stay(saga),
            SagaEvent.Done done when saga.Undoing => Undone(at, Answered(saga)),
            SagaEvent.Done done => StepDone(at, Answered(saga), done),
            SagaEvent.NotYet later => Wait(at, Answered(saga), later.Answer, saga.Nudged),
            SagaEvent.Refused refused when saga.Undoing => UndoRefused(at, Answered(saga), refused.Fault),
            SagaEvent.Refused refused => StepRefused(at, Answered(saga), refused),
            SagaEvent.CallInterrupted => Interrupted(at, Answered(saga)),
            _ => throw new InvalidOperationException($"Unknown event {happened}."),
        };
    }

    /// <summary>The record of a saga that is about to be written for the first time.</summary>
    public static (SagaRecord Saga, SagaWrite Write) Start(SagaDefinition definition, SagaRecord blank, DateTimeOffset now)
    {
        var (saga, ledger) = Enter(new Moment(definition, now, 0), blank with { Deadline = now + definition.Deadline }, 0);
        return (saga with { Seq = 1 }, new SagaWrite(0, [new JournalEntry(JournalKind.Started, 0, 1, default)], ledger));
    }

    private static SagaRecord Answered(SagaRecord saga) => saga with { InFlight = false, Nudged = false };

    private static Decision Resume(Moment at, SagaRecord saga) => saga switch
    {
        { Undoing: true } => CallUndo(at, saga),
        { Intent: true, Recovered: true } => Doubt(at, saga),
        _ => Go(at, saga),
    };

    /// <summary>Begins a call of the present step, unless it is too late for it.</summary>
    private static Decision Go(Moment at, SagaRecord saga)
    {
        if (saga.CancelReason is { } reason && !at.IsPastPivot(saga))
        {
            return Fail(at, saga, Cancelled(reason));
        }

        if (at.Late(saga) is { } late)
        {
            return Fail(at, saga, late);
        }

        var step = at.Step(saga);
        var until = saga.DueAt is { } due && due < saga.Deadline ? due : saga.Deadline;
        return new Decision(
            saga with
            {
                State = step.IsPoll ? SagaState.Waiting : SagaState.Running,
                InFlight = true,
                NextAt = null,
                CallUntil = step.IsPoll && at.Now + PollCallMax < until ? at.Now + PollCallMax : until,
            },
            null,
            new Move.Call(saga.Step, false, saga.Attempt));
    }

    private static Decision StepDone(Moment at, SagaRecord saga, SagaEvent.Done done)
    {
        var step = at.Step(saga);
        var ledger = new List<LedgerChange>();
        if (step.Ledger is not null)
        {
            ledger.Add(new LedgerChange(saga.Step, step.Ledger(saga.Input), LedgerState.Live, done.ExternalId));
        }

        var next = Note(saga, JournalKind.StepDone, done.Result) with
        {
            Results = saga.Results.SetItem(step.Name, done.Result),
            Fault = null,
            WaitingFor = null,
        };
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

    private static bool IsFree(StepDefinition step) => step is { Effect: Effect.Pure, IsPoll: false, Deadline: null };

    private static (SagaRecord Saga, IReadOnlyList<LedgerChange> Ledger) Enter(Moment at, SagaRecord saga, int index)
    {
        var step = at.Definition.Steps[index];
        var entered = saga with
        {
            Step = index,
            Attempt = 1,
            NextAt = null,
            State = step.IsPoll ? SagaState.Waiting : SagaState.Running,
            DueAt = step.Deadline is { } deadline ? at.Now + deadline : null,
            Intent = step.Effect is Effect.Once,
            Recovered = false,
        };
        return (entered, step.Ledger is null ? [] : [new LedgerChange(index, step.Ledger(saga.Input), LedgerState.Intended, null)]);
    }

    private static Decision StepRefused(Moment at, SagaRecord saga, SagaEvent.Refused refused)
    {
        var step = at.Step(saga);
        var fault = refused.Fault.With("step", step.Name);
        var noted = Note(saga, JournalKind.AttemptFailed, Json(fault));
        if (step.Effect is Effect.Once && (refused.MayPass || refused.InDoubt))
        {
            return Doubt(at, noted with { Fault = fault });
        }

        if (noted.CancelReason is { } reason && !at.IsPastPivot(noted))
        {
            return Fail(at, noted, Cancelled(reason));
        }

        if (step.IsPoll && refused.MayPass)
        {
            return Wait(at, saga, new PollNotYet(fault.Message, null), false);
        }

        var pause = step.Retry.Pause(saga.Attempt, at.Chance);
        var again = at.IsPastPivot(saga) || (refused.MayPass && saga.Attempt < step.Retry.AttemptsMax);
        if (!again || at.Late(saga) is not null || Moment.LateAt(saga, at.Now + pause))
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
        var every = answer.After ?? at.Step(saga).Every!.Value;

        // 90 % to 110 %, so that sagas started together do not ask together for ever.
        var pause = every * (0.9 + (at.Chance * 0.2));
        var waiting = saga with { State = SagaState.Waiting, WaitingFor = answer.Why, NextAt = at.Now + pause };
        return nudged || saga.CancelReason is not null || at.Late(saga) is not null ? Go(at, waiting) : Decision.Stay(waiting);
    }

    private static Decision Elapse(Moment at, SagaRecord saga)
    {
        if (saga.InFlight)
        {
            return Decision.Stay(saga);
        }

        var due = saga.NextAt is { } next && next <= at.Now;
        return saga.Undoing
            ? due ? CallUndo(at, saga) : Decision.Stay(saga)
            : due || at.Late(saga) is not null ? Go(at, saga) : Decision.Stay(saga);
    }

    private static Decision Nudge(Moment at, SagaRecord saga) => saga switch
    {
        { Undoing: true } or { Held: false } => Decision.Stay(saga),
        _ when !at.Step(saga).IsPoll => Decision.Stay(saga),
        { InFlight: true } => Decision.Stay(saga with { Nudged = true }),
        _ => Go(at, saga),
    };

    private static Decision Interrupted(Moment at, SagaRecord saga)
    {
        if (saga.Undoing)
        {
            return at.Now >= saga.CallUntil
                ? UndoRefused(at, saga, new Fault(FaultKind.Unavailable, $"The undo did not end within {UndoCallMax}."))
                : CallUndo(at, saga);
        }

        return at.Step(saga) switch
        {
            { Effect: Effect.Once } => Doubt(at, saga),
            { IsPoll: true } => Wait(at, saga, new PollNotYet(saga.WaitingFor, null), saga.Nudged),
            _ => Go(at, saga),
        };
    }

    private static Decision Cancel(Moment at, SagaRecord saga, string reason)
    {
        var fault = Cancelled(reason);
        if (saga.IsFinal || saga.Undoing || saga.State is SagaState.Stuck || saga.CancelReason is not null || at.IsPastPivot(saga))
        {
            return Write(Note(saga, JournalKind.CancelRefused, Json(fault)), [], null);
        }

        var cancelled = Note(saga, JournalKind.CancelRequested, Json(fault)) with { CancelReason = reason };
        return cancelled switch
        {
            // Without its key it has not begun in this life, and may not touch the world, not even to undo.
            { Held: false } => Write(cancelled, [], null),
            { InFlight: true } => Write(cancelled, [], new Move.Interrupt()),
            _ => Fail(at, cancelled, fault),
        };
    }

    private static Fault Cancelled(string reason) => new(FaultKind.Conflict, $"Cancelled: {reason}");

    private static SagaRecord Note(SagaRecord saga, JournalKind kind, ReadOnlyMemory<byte> data)
    {
        var entries = saga.Unwritten.Add(new JournalEntry(kind, saga.Step, saga.Attempt, data));
        var old = entries.FindIndex(entry => entry.Kind is JournalKind.AttemptFailed);
        return saga with { Unwritten = entries.Count > UnwrittenMax && old >= 0 ? entries.RemoveAt(old) : entries };
    }

    private static Decision Write(SagaRecord saga, IReadOnlyList<LedgerChange> ledger, Move? move) => new(
        saga with { Seq = saga.Seq + saga.Unwritten.Count, Unwritten = [] },
        new SagaWrite(saga.Seq, saga.Unwritten, ledger),
        move);

    private static SagaWrite With(SagaWrite write, IReadOnlyList<LedgerChange> ledger) =>
        write with { Ledger = [.. ledger, .. write.Ledger] };

    private static byte[] Json(Fault fault) => JsonSerializer.SerializeToUtf8Bytes(fault, FuryJson.Options);

    /// <summary>When and under which definition a decision is made.</summary>
    private readonly record struct Moment(SagaDefinition Definition, DateTimeOffset Now, double Chance)
    {
        public StepDefinition Step(SagaRecord saga) => Definition.Steps[saga.Step];

        public bool IsPastPivot(SagaRecord saga) => saga.Step >= Definition.Pivot;

        public static bool LateAt(SagaRecord saga, DateTimeOffset then) => then >= saga.Deadline || then >= saga.DueAt;

        /// <summary>Which deadline has passed; null when none has.</summary>
        public Fault? Late(SagaRecord saga)
        {
            var step = Step(saga);
            return Now >= saga.Deadline
                ? new Fault(FaultKind.Unavailable, $"The saga did not end within {Definition.Deadline}.").With("step", step.Name)
                : Now >= saga.DueAt
                    ? new Fault(FaultKind.Unavailable, $"Step '{step.Name}' did not end within {step.Deadline}.{About(saga)}")
                        .With("step", step.Name)
                    : null;
        }

        private static string About(SagaRecord saga) => (saga.WaitingFor ?? saga.Fault?.Message) is { } last ? $" Last: {last}" : "";
    }
}
