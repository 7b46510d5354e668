using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>How far a group of children is: <paramref name="Ended"/> when all have, a fault when too many failed.</summary>
internal readonly record struct ChildProgress(IReadOnlyList<ChildRun>? Ended, Fault? Fault, string? Why);

/// <summary>The children of one step: starts them, so many at a time, watches them, and has them undone. Keeps nothing that a crash may not forget.</summary>
/// <param name="Inputs">The children's inputs as JSON, one child each.</param>
/// <param name="AtLeast">How many of so many must complete.</param>
internal sealed record ChildGroup(
    string Step,
    Type Child,
    int Concurrency,
    Func<StepCall, IReadOnlyList<ReadOnlyMemory<byte>>> Inputs,
    Func<int, int> AtLeast)
{
    /// <summary>Behind the pivot a child that failed is started anew, so often.</summary>
    public const int TriesMax = 10;

    public async Task<ChildProgress> Advance(StepCall call)
    {
        if (call.Memory is not Memory memory)
        {
            var inputs = Inputs(call);
            if (inputs.Count > FanOut.ItemsMax)
            {
                return Failed(Fault.Invalid($"Step '{Step}' has {inputs.Count} items; at most {FanOut.ItemsMax} are started."));
            }

            call.Memory = memory = new Memory(inputs);
            await Look(call, memory, [.. Enumerable.Range(0, inputs.Count)]);
        }
        else
        {
            await Look(call, memory, [.. Enumerable.Range(0, memory.Inputs.Count).Where(index => memory.Started[index] && memory.Ended[index] is null)]);
        }

        var enough = Math.Clamp(AtLeast(memory.Inputs.Count), 0, memory.Inputs.Count);
        var failed = memory.Ended.Where(run => run?.State is SagaState.Compensated).ToArray();
        if (memory.Inputs.Count - failed.Length < enough)
        {
            return Failed(Fault.Conflict(
                memory.Inputs.Count == 1
                    ? $"Child saga {failed[0]!.Saga} failed: {failed[0]!.Error}"
                    : $"{failed.Length} of {memory.Inputs.Count} child sagas failed, and {enough} must complete; saga {failed[0]!.Saga}: {failed[0]!.Error}"));
        }

        if (await StartMore(call, memory) is { } refused)
        {
            return refused.Kind is FaultKind.Conflict or FaultKind.Invalid ? Failed(refused) : new(null, null, refused.Message);
        }

        var ended = memory.Ended.Count(run => run is not null);
        return ended == memory.Inputs.Count ? new(memory.Ended!, null, null) : new(null, null, $"{ended} of {ended + memory.Left} child sagas have ended");
    }

    /// <summary>Ok when none of the children has left anything, and none can be started any more.</summary>
    public async Task<Outcome> Revert(StepCall call)
    {
        var keys = Enumerable.Range(0, Inputs(call).Count).Select(index => Key(call, index, 0)).ToArray();
        var asked = call.Memory as HashSet<SagaId> ?? [];
        call.Memory = asked;
        var left = 0;
        ChildLook? stuck = null;
        foreach (var child in await call.Children.Look(Child, keys, seal: true, call.Cancellation))
        {
            if (child.State is SagaState.Compensated)
            {
                continue;
            }

            left++;
            stuck = child.State is SagaState.Stuck ? child : stuck;
            if (child.State is not SagaState.Stuck && !asked.Contains(child.Saga))
            {
                var reverted = await call.Children.Revert(child.Saga, $"its parent, saga {call.Saga}, is undone", call.Cancellation);
                if (!reverted.IsOk)
                {
                    return reverted;
                }

                // Not before: a call that threw has asked nothing.
                asked.Add(child.Saga);
            }
        }

        return left == 0 ? Outcome.Ok
            : stuck is not null ? Fault.Unavailable($"Child saga {stuck.Saga} is stuck: {stuck.Error}")
            : Fault.Unavailable($"{left} child sagas are being undone.");
    }

    private static ChildProgress Failed(Fault fault) => new(null, fault, null);

    private string Key(StepCall call, int index, int tried) => tried == 0 ? $"{call.Saga}/{Step}/{index}" : $"{call.Saga}/{Step}/{index}~{tried}";

    private async Task Look(StepCall call, Memory memory, IReadOnlyList<int> indexes)
    {
        if (indexes.Count == 0)
        {
            return;
        }

        string[] keys = [.. indexes.Select(index => Key(call, index, memory.Tries[index]))];
        foreach (var child in await call.Children.Look(Child, keys, seal: false, call.Cancellation))
        {
            var index = indexes[child.Index];
            memory.Started[index] = true;
            if (child.State is SagaState.Completed or SagaState.Compensated)
            {
                memory.Ended[index] = new ChildRun(child.Saga, child.State, child.Error, child.Output);
            }

            if (child.State is SagaState.Compensated && call.BehindPivot && memory.Tries[index] + 1 < TriesMax)
            {
                memory.Tries[index]++;
                memory.Started[index] = false;
                memory.Ended[index] = null;
            }
        }
    }

    private async Task<Fault?> StartMore(StepCall call, Memory memory)
    {
        var room = Concurrency - memory.Started.Where((started, index) => started && memory.Ended[index] is null).Count();
        for (var index = 0; index < memory.Inputs.Count && room > 0; index++)
        {
            if (memory.Started[index])
            {
                continue;
            }

            var started = await call.Children.Start(Child, Key(call, index, memory.Tries[index]), memory.Inputs[index], call, call.Cancellation);
            if (!started.IsOk)
            {
                return started.Fault;
            }

            memory.Started[index] = true;
            room--;
        }

        return null;
    }

    private sealed class Memory(IReadOnlyList<ReadOnlyMemory<byte>> inputs)
    {
        public IReadOnlyList<ReadOnlyMemory<byte>> Inputs { get; } = inputs;

        public bool[] Started { get; } = new bool[inputs.Count];

        public int[] Tries { get; } = new int[inputs.Count];

        public ChildRun?[] Ended { get; } = new ChildRun?[inputs.Count];

        public int Left => Ended.Count(run => run is null);
    }
}
