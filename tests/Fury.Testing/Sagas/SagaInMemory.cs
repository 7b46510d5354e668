using Fury.Kernel;
using Fury.LittleMonster;

namespace Fury.Testing;

/// <summary>How a run of a saga in memory ended.</summary>
/// <param name="FailedStep">The step that turned it round, or where it is stuck; null when it completed.</param>
/// <param name="Calls">Every call in order: <c>do:create</c>, <c>undo:create</c>.</param>
/// <param name="Points">Places at which it could have crashed: before and after every commit and every call.</param>
/// <param name="Elapsed">How long it took by the fake clock.</param>
public sealed record SagaRun(SagaState State, string? FailedStep, Fault? Fault, IReadOnlyList<string> Calls, int Points, TimeSpan Elapsed);

/// <summary>When an injected failure is answered.</summary>
public enum FailureMoment
{
    /// <summary>Instead of the call: nothing has happened.</summary>
    Instead,

    /// <summary>After the call has done its work: the answer was lost.</summary>
    After,
}

/// <summary>
/// Runs one saga by the engine's own decisions, with a fake clock and a database of one record, and does to it what the world does: lets
/// a step fail, crashes it at any point, delivers every call twice. Equal seeds of chance, so equal runs.
/// </summary>
public sealed class SagaInMemory<TInput>
    where TInput : notnull
{
    /// <summary>Moves of one run; more means that it goes round in circles.</summary>
    public const int MovesMax = 20_000;

    private static readonly Guid Space = Guid.Parse("b1e1f1a0-0000-4000-8000-000000000001");

    private readonly TestClock _clock;
    private readonly List<string> _calls = [];
    private SagaDefinition _definition;
    private SagaRecord _committed = null!;
    private int _points;

    public SagaInMemory(Saga<TInput> saga, TestClock clock) => (_definition, _clock) = (saga.Build(), clock);

    /// <summary>At which point it crashes, once; see <see cref="SagaRun.Points"/>. None by default.</summary>
    public int CrashAt { get; init; } = -1;

    /// <summary>Every call is made twice, and the second answer counts.</summary>
    public bool Twice { get; init; }

    /// <summary>Runs while the saga waits, before the clock is moved on to its next poll or attempt.</summary>
    public Func<Task>? WhileWaiting { get; init; }

    /// <summary>Names of the steps in order, with the index of the first one behind the pivot.</summary>
    internal SagaDefinition Definition => _definition;

    /// <summary>Lets a step fail.</summary>
    /// <param name="times">How often; then it is itself again.</param>
    public SagaInMemory<TInput> Fail(string step, Fault fault, FailureMoment moment = FailureMoment.Instead, int times = int.MaxValue)
    {
        _definition = _definition with
        {
            Steps = [.. _definition.Steps.Select(one => one.Name != step ? one : one with
            {
                Do = async call =>
                {
                    if (times-- <= 0)
                    {
                        return await one.Do!(call);
                    }

                    if (moment is FailureMoment.After)
                    {
                        await one.Do!(call);
                    }

                    return new StepAnswer { Fault = fault };
                },
            })],
        };
        return this;
    }

    /// <summary>Runs the saga until it has ended or is stuck.</summary>
    public async Task<SagaRun> Run(TInput input)
    {
        var begun = _clock.GetUtcNow();
        var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(input, FuryJson.Options);
        var blank = new SagaRecord
        {
            Id = new SagaId(4711),
            Key = _definition.Key?.Invoke(json) ?? "4711",
            Shard = 0,
            Name = _definition.Name,
            Version = _definition.Version,
            StartedAt = begun,
            Deadline = begun,
            Input = json,
            State = SagaState.Running,
        };
        _committed = Decide.Start(_definition, blank, begun).Saga;
        var saga = _committed;
        SagaEvent happened = new SagaEvent.Resumed();
        for (var move = 0; move < MovesMax; move++)
        {
            var next = await Advance(saga, happened);
            if (next is not { } going)
            {
                return Ended(_committed, begun);
            }

            (saga, happened) = going;
        }

        throw new InvalidOperationException($"Saga {_definition.Name} did not end within {MovesMax} moves; it is at step {saga.Step}.");
    }

    private SagaRun Ended(SagaRecord saga, DateTimeOffset begun)
    {
        var failed = saga.Fault?.Facts.GetValueOrDefault("step");
        return new SagaRun(saga.State, failed, saga.Fault, _calls, _points, _clock.GetUtcNow() - begun);
    }

    private async Task<(SagaRecord Saga, SagaEvent Happened)?> Advance(SagaRecord saga, SagaEvent happened)
    {
        var decision = Decide.Next(_definition, saga, happened, _clock.GetUtcNow(), 0.5);
        if (decision.Write is not null)
        {
            if (Crashes())
            {
                return Recovered();
            }

            _committed = decision.Saga;
            if (Crashes())
            {
                return _committed.IsFinal ? null : Recovered();
            }
        }

        if (decision.Saga.IsFinal || decision.Saga.State is SagaState.Stuck)
        {
            return null;
        }

        if (decision.Move is Move.Call call)
        {
            if (Crashes())
            {
                return Recovered();
            }

            var answer = await Call(decision.Saga, call);
            return Crashes() ? Recovered() : (decision.Saga, answer);
        }

        if (WhileWaiting is { } act)
        {
            await act();
        }

        if (decision.Saga.WakeAt is { } at && at > _clock.GetUtcNow())
        {
            _clock.Advance(at - _clock.GetUtcNow());
        }

        return (decision.Saga, new SagaEvent.Elapsed());
    }

    private async Task<SagaEvent> Call(SagaRecord saga, Move.Call call)
    {
        if (Twice)
        {
            await CallOnce(saga, call);
        }

        return await CallOnce(saga, call);
    }

    private async Task<SagaEvent> CallOnce(SagaRecord saga, Move.Call call)
    {
        var step = _definition.Steps[call.Step];
        _calls.Add($"{(call.Undo ? "undo" : "do")}:{step.Name}");
        return await StepRunner.Run(
            step,
            call.Undo,
            new StepCall
            {
                Saga = saga.Id,
                Step = step.Name,
                Space = Space,
                Children = null!,
                Fence = 1,
                Attempt = call.Attempt,
                Input = saga.Input,
                Results = saga.Results,
            });
    }

    private bool Crashes() => _points++ == CrashAt;

    /// <summary>What another life of the host finds: the row, and nothing that was only in memory.</summary>
    private (SagaRecord, SagaEvent) Recovered()
    {
        var row = new SagaRecord
        {
            Id = _committed.Id,
            Shard = _committed.Shard,
            Key = _committed.Key,
            Name = _committed.Name,
            Version = _committed.Version,
            StartedAt = _committed.StartedAt,
            Deadline = _committed.Deadline,
            Input = _committed.Input,
            State = _committed.State,
            Step = _committed.Step,
            Undoing = _committed.Undoing,
            Attempt = _committed.Attempt,
            Seq = _committed.Seq,
            DueAt = _committed.DueAt,
            Intent = _committed.Intent,
            Recovered = true,
        };
        return (SagaCodec.Apply(row, SagaCodec.Data(_committed)), new SagaEvent.Resumed());
    }
}
