using Fury.Kernel;

namespace Fury.LittleMonster;

internal static partial class Decide
{
    private static SagaRecord Note(Moment at, SagaRecord saga, JournalKind kind, ReadOnlyMemory<byte> data)
    {
        var entries = saga.Unwritten.Add(new JournalEntry(kind, saga.Step, saga.Attempt, data, at.Time));
        var old = entries.FindIndex(entry => entry.Kind is JournalKind.AttemptFailed);
        return saga with { Unwritten = entries.Count > UnwrittenMax && old >= 0 ? entries.RemoveAt(old) : entries };
    }

    private static Decision Write(SagaRecord saga, IReadOnlyList<LedgerChange> ledger, Move? move) => new(
        saga with { Seq = saga.Seq + saga.Unwritten.Count, Unwritten = [] },
        new SagaWrite(saga.Seq, saga.Unwritten, ledger),
        move);

    private static SagaWrite With(SagaWrite write, List<LedgerChange> ledger) =>
        ledger.Count == 0 ? write : write with { Ledger = [.. ledger, .. write.Ledger] };

    /// <summary>The same decision, durable before its move is made.</summary>
    private static Decision Written(Decision decision) => decision.Write is null ? Write(decision.Saga, [], decision.Move) : decision;

    /// <summary>When and under which definition a decision is made.</summary>
    /// <param name="Time">Of the call whose answer is decided on.</param>
    private readonly record struct Moment(SagaDefinition Definition, DateTimeOffset Now, double Chance, CallTime? Time)
    {
        public StepDefinition Step(SagaRecord saga) => Definition.Steps[saga.Step];

        public bool IsPastPivot(SagaRecord saga) => saga.Step >= Definition.Pivot;

        /// <summary>Of a step that is reached now: when it must have ended, or when its sleep is over.</summary>
        public DateTimeOffset? DueAt(StepDefinition step, SagaRecord saga) =>
            (step.Sleep?.Invoke(saga.Input) ?? step.Deadline) is { } time ? Now + time : null;

        /// <summary>A deadline has passed, or a sleep is over.</summary>
        public bool IsDue(SagaRecord saga) => Now >= saga.Deadline || Now >= saga.DueAt;

        public bool LateAt(SagaRecord saga, DateTimeOffset then) =>
            then >= saga.Deadline || (Step(saga).Kind is not StepKind.Sleep && then >= saga.DueAt);

        /// <summary>Which deadline has passed; null when none has.</summary>
        public Fault? Late(SagaRecord saga)
        {
            if (!LateAt(saga, Now))
            {
                return null;
            }

            var step = Step(saga);
            var message = Now >= saga.Deadline
                ? $"The saga did not end within {Definition.Deadline}."
                : $"Step '{step.Name}' did not end within {step.Deadline}.{About(saga)}";
            return new Fault(FaultKind.Unavailable, message).With("step", step.Name);
        }

        private static string About(SagaRecord saga) => (saga.WaitingFor ?? saga.Fault?.Message) is { } last ? $" Last: {last}" : "";
    }
}
