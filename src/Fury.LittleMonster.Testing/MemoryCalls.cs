using Fury.Kernel;

namespace Fury.LittleMonster.Testing;

/// <summary>Calls of steps, and questions that are asked together.</summary>
internal sealed partial class MemoryHost
{
    private static readonly Guid Space = Guid.Parse("b1e1f1a0-0000-4000-8000-000000000001");

    private async Task Call(MemorySaga live, Move.Call turn)
    {
        if (!live.Begun)
        {
            live.Begun = true;
            if (Crashes(live, turn.Undo ? SagaAct.Undo : SagaAct.Do, false) || live.Asked.Count > 0)
            {
                // What was asked for at this point reaches the call while it is under way.
                return;
            }
        }

        var life = _life;
        var step = live.Definition!.Steps[turn.Step];
        SagaEvent? answer = null;
        for (var left = _script.Twice ? 2 : 1; left > 0 && life == _life; left--)
        {
            // A second delivery knows nothing of the first one.
            var call = CallOf(live, turn, _script.Twice && left == 1 ? null : live.Memory);
            answer = await Deliver(live, turn, call, () => StepRunner.Run(step, turn.Undo, call));
            live.Memory = life == _life && call.Memory is { } memory ? new StepMemory(turn.Step, turn.Undo, memory) : null;
        }

        if (life == _life && !Crashes(live, turn.Undo ? SagaAct.Undo : SagaAct.Do, true))
        {
            live.Turn = null;
            live.Begun = false;
            Handle(live, answer!, false);
        }
    }

    private async Task<SagaEvent> Deliver(MemorySaga live, Move.Call turn, StepCall call, Func<Task<SagaEvent>> make)
    {
        Calls.Add($"{(live == _root ? "" : $"{live.Committed.Name}/")}{(turn.Undo ? "undo" : "do")}:{call.Step}");
        if (_script.FailureOf(live.Definition!, live == _root, call.Step, turn.Undo) is not { } failure)
        {
            return await make();
        }

        if (failure.Moment is FailureMoment.After)
        {
            await make();
        }

        return StepRunner.Refused(failure.Fault);
    }

    private StepCall CallOf(MemorySaga live, Move.Call turn, StepMemory? memory) => new()
    {
        Saga = live.Id,
        Step = live.Definition!.Steps[turn.Step].Name,
        Space = Space,
        Children = new MemoryChildren(this, live),
        Fence = _life,
        Attempt = turn.Attempt,
        Input = live.Saga.Input,
        Results = live.Saga.Results,
        Key = live.Saga.Key,
        Parent = live.Saga.Parent,
        BehindPivot = turn.Step >= live.Definition.Pivot,
        Cancellation = new CancellationToken(live.Told),
        Memory = memory is { } one && one.Step == turn.Step && one.Undo == turn.Undo ? one.Value : null,
    };

    /// <summary>One question for all that wait to ask the same; false when nobody does.</summary>
    private async Task<bool> AskTogether()
    {
        if (_live.Find(one => one.Turn is not null) is not { } first)
        {
            return false;
        }

        var question = first.Definition!.Steps[first.Turn!.Step].Batch!;
        var asking = _live.Where(one => one.Turn is { } turn && one.Definition!.Steps[turn.Step].Batch?.Source == question.Source)
            .Select(one => (Live: one, Turn: one.Turn!, Call: CallOf(one, one.Turn!, null)))
            .Select(one => (one.Live, one.Turn, one.Call, Subject: SubjectOf(one.Live, one.Turn, one.Call)))
            .ToList();
        foreach (var (live, _, _, subject) in asking.Where(one => !one.Subject.IsOk))
        {
            live.Turn = null;
            Handle(live, StepRunner.Refused(subject.Fault!), false);
            return true;
        }

        var target = asking[0].Subject.Value.Target;
        var group = asking.Where(one => one.Subject.Value.Target == target).Take(question.SizeMax).ToList();
        var life = _life;
        if (Crashes(first, SagaAct.Do, false) || group.Exists(one => one.Live.Asked.Count > 0))
        {
            return true;
        }

        Outcome<Func<object, object?>>? states = null;
        var asked = await StepRunner.Guarded(first.Definition.Steps[first.Turn.Step], Ask, CancellationToken.None);
        if (_script.Twice)
        {
            asked = await StepRunner.Guarded(first.Definition.Steps[first.Turn.Step], Ask, CancellationToken.None);
        }

        var answers = new List<(MemorySaga Live, SagaEvent Event)>();
        foreach (var (live, turn, call, subject) in group)
        {
            var step = live.Definition!.Steps[turn.Step];
            answers.Add((live, await Deliver(live, turn, call, () => states is { IsOk: true } known
                ? StepRunner.Guarded(
                    step,
                    () => Task.FromResult(StepRunner.Answered(step, step.Batch!.Judge(call, known.Value(subject.Value.Key)), null)),
                    CancellationToken.None)
                : Task.FromResult(asked))));
        }

        if (life != _life || Crashes(first, SagaAct.Do, true))
        {
            return true;
        }

        foreach (var (live, answer) in answers.TakeWhile(_ => life == _life))
        {
            live.Turn = null;
            Handle(live, answer, false);
        }

        return true;

        async Task<SagaEvent> Ask()
        {
            var answer = await question.Ask(target, [.. group.Select(one => one.Subject.Value.Key)], CancellationToken.None);
            states = answer;
            return answer.IsOk ? new SagaEvent.NotYet(default) : StepRunner.Refused(answer.Fault);
        }
    }

    private static Outcome<BatchSubject> SubjectOf(MemorySaga live, Move.Call turn, StepCall call)
    {
        try
        {
            return live.Definition!.Steps[turn.Step].Batch!.Subject(call);
        }
#pragma warning disable CA1031 // The definition's own functions; their failure is the step's.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Fault.Invalid($"Step '{call.Step}' has nothing to ask: {exception.Message}");
        }
    }
}
