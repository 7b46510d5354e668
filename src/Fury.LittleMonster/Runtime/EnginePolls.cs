using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>Polls that ask together: what many sagas want to know of one target goes into one call.</summary>
internal sealed partial class Engine
{
    /// <summary>How long the first question waits for others of its kind.</summary>
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<(object Source, string Target), PollGroup> _groups = [];
    private readonly HashSet<CancellationTokenSource> _batches = [];
    private readonly ITimer _gatherTimer;
    private bool _gathering;

    private void Gather(StepTurn turn, BatchQuestion question)
    {
        BatchSubject subject;
        try
        {
            subject = turn.Live.MemoryOf(turn.Call.Step, false) as BatchSubject ?? question.Subject(CallOf(turn));
        }
#pragma warning disable CA1031 // The definition's own functions; their failure is the step's.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            turn.Live.Turn = null;
            Handle(turn.Live, StepRunner.Refused(Fault.Invalid($"Step '{turn.Step.Name}' has nothing to ask: {exception.Message}")));
            return;
        }

        turn.Live.Memory = new StepMemory(turn.Call.Step, false, subject);
        if (!_groups.TryGetValue((question.Source, subject.Target), out var group))
        {
            _groups[(question.Source, subject.Target)] = group = new PollGroup(question, subject.Target);
        }

        group.Waiting.Enqueue(turn);
        if (!_gathering)
        {
            _gathering = true;
            _gatherTimer.Change(GatherTime, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Sends what has come together, as far as lease, room and limits allow; the rest goes with the next round.</summary>
    private void SendGathered()
    {
        _gathering = false;
        foreach (var (name, group) in _groups.ToArray())
        {
            while (group.Waiting.Count > 0 && _parts.Guard.IsSafe && _running < _parts.Settings.StepsMax)
            {
                var limit = _limits.Of(group.Target);
                if (limit?.TryEnter(Now) == false)
                {
                    break;
                }

                Send(group, limit);
            }

            if (group.Waiting.Count == 0)
            {
                _groups.Remove(name);
            }
        }

        if (_groups.Count > 0)
        {
            _gathering = true;
            _gatherTimer.Change(GatherTime, Timeout.InfiniteTimeSpan);
        }
    }

    private void Send(PollGroup group, RateLimit? limit)
    {
        List<StepTurn> turns = [];
        while (turns.Count < group.Question.SizeMax && group.Waiting.TryDequeue(out var turn))
        {
            if (!turn.Void && turn.Live.Turn == turn && turn.Live.Definition is not null)
            {
                turns.Add(turn);
            }
        }

        if (turns.Count == 0)
        {
            limit?.Leave();
            return;
        }

        _running++;
        var interrupt = new CancellationTokenSource();
        _batches.Add(interrupt);
        var items = turns.ConvertAll(turn => new PollItem(turn, CallOf(turn), (BatchSubject)turn.Live.Memory!.Value));
        Schedulers.Begin(_parts.Schedulers.Steps, async () =>
        {
            var answers = await group.Ask(items, _parts.Clock, interrupt.Token);
            Post(() => Answered(answers, interrupt, limit));
        });
    }

    private void Answered(IReadOnlyList<(StepTurn Turn, SagaEvent Event)> answers, CancellationTokenSource interrupt, RateLimit? limit)
    {
        _running--;
        _batches.Remove(interrupt);
        interrupt.Dispose();
        limit?.Leave();
        if (answers.Any(answer => answer.Event is SagaEvent.Refused { Fault.Kind: FaultKind.Throttled }))
        {
            limit?.Throttled();
        }

        foreach (var (turn, happened) in answers.Where(answer => !answer.Turn.Void && answer.Turn.Live.Turn == answer.Turn))
        {
            turn.Live.Turn = null;
            Handle(turn.Live, happened);
            Release(turn.Live.Saga.Shard);
        }

        Pump();
    }

    private void InterruptBatches()
    {
        foreach (var batch in _batches)
        {
            Interrupt(batch);
        }
    }
}
