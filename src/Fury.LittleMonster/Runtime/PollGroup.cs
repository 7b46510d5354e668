namespace Fury.LittleMonster;

/// <summary>One saga's part of a question that many ask together.</summary>
internal sealed record PollItem(StepTurn Turn, StepCall Call, BatchSubject Subject);

/// <summary>Sagas that ask one target the same kind of question.</summary>
internal sealed class PollGroup(BatchQuestion question, string target)
{
    public BatchQuestion Question { get; } = question;

    public string Target { get; } = target;

    public Queue<StepTurn> Waiting { get; } = new();

    /// <summary>One call for all of them; an event for each. Never throws.</summary>
    public async Task<IReadOnlyList<(StepTurn Turn, SagaEvent Event)>> Ask(
        IReadOnlyList<PollItem> items, DatabaseClock clock, CancellationToken cancellation)
    {
        var (began, stamp) = (clock.Now, clock.Local.GetTimestamp());
        Func<object, object?>? states = null;
        var asked = await StepRunner.Guarded(
            items[0].Turn.Step,
            async () =>
            {
                var answer = await Question.Ask(Target, [.. items.Select(item => item.Subject.Key)], cancellation);
                states = answer.IsOk ? answer.Value : null;
                return answer.IsOk ? new SagaEvent.NotYet(default) : StepRunner.Refused(answer.Fault);
            },
            cancellation);
        var time = new CallTime(began, clock.Local.GetElapsedTime(stamp));
        Telemetry.Polled(Target, items.Count, time.Took);
        var answers = new List<(StepTurn, SagaEvent)>(items.Count);
        foreach (var item in items)
        {
            var happened = states is null ? asked : await Judge(item, states);
            answers.Add((item.Turn, happened with { Time = time }));
        }

        return answers;
    }

    private static Task<SagaEvent> Judge(PollItem item, Func<object, object?> states) => StepRunner.Guarded(
        item.Turn.Step,
        () => Task.FromResult(StepRunner.Answered(item.Turn.Step, item.Turn.Step.Batch!.Judge(item.Call, states(item.Subject.Key)), null)),
        CancellationToken.None);
}
