using Fury.Sdk.Drivers;

namespace Fury.Sdk.Moving;

/// <summary>
/// Leaves a provider at once, with what it has: first nobody uses it any more, then the target alone is used. The source is not asked, but for whether a queue
/// of it is empty. As <see cref="DataMove"/>, it keeps nothing, and each step may be repeated.
/// </summary>
/// <param name="order">At the check it says what was attested of the target.</param>
/// <param name="openSource">Null: what a queue still has there is left too.</param>
internal sealed class Evacuation(
    MoveOrder order, Func<CancellationToken, Task<IDriver>>? openSource, IMoveHost host, TimeProvider clock)
    : IDataMove
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);

    public async Task<MoveState> Advance(MoveState state, CancellationToken cancellation)
    {
        if (MovePlan.IsOver(state.Step))
        {
            return state;
        }

        if (state.Step == MoveStep.Check)
        {
            return Refusals(order) is { Count: > 0 } refusals
                ? throw new FuryException(FuryErrorCode.CapabilityNotSupported, $"'{state.Service}' is not moved: {string.Join(' ', refusals)}")
                : await Save(new MoveState(state.Service, MoveStep.Fence, state.Epoch + 1), cancellation);
        }

        await host.PublishAsync(MovePlan.Binding(state, order.Binding, order.Target), cancellation);
        await host.WaitUntilInForceAsync(state.Epoch, cancellation);
        if (state.Step == MoveStep.Fence && order.Binding.Kind == ServiceKind.Queue && openSource is not null)
        {
            await MustBeDrained(state, openSource, cancellation);
        }

        // The target alone is bound: nothing is left to do but what the source would be asked for.
        var next = state.Step is MoveStep.Switch or MoveStep.Clean ? MoveStep.Evacuated : MovePlan.Next(state.Step);
        return await Save(new MoveState(state.Service, next, state.Epoch + (MovePlan.Switches(state.Step, next) ? 1 : 0)), cancellation);
    }

    /// <summary>Whether it may begin: everything that is wrong at once. Nothing is asked of the source.</summary>
    public static IReadOnlyList<string> Refusals(MoveOrder order) => order.Binding.Kind switch
    {
        ServiceKind.Sequences =>
            ["Which numbers were given the source alone knows: without it, some would be given twice. Wait for it, or bind a new sequence."],
        _ => [.. order.Attested!.Missing(order.Required).Select(each => $"The target was not attested to have '{each}'.")],
    };

    private async Task MustBeDrained(MoveState state, Func<CancellationToken, Task<IDriver>> open, CancellationToken cancellation)
    {
        string why;
        using var late = new CancellationTokenSource(AskTimeout, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            await using var source = await open(ends.Token).WaitAsync(ends.Token);
            var depth = await ((IQueueDriver)source).GetDepthAsync(ends.Token).AsTask().WaitAsync(ends.Token);
            if (MovingQueue.IsEmpty(depth) && depth.DeadLettered == 0)
            {
                return;
            }

            why = $"has messages: {depth.Visible} wait, {depth.Leased} are out, {depth.Delayed} are delayed, {depth.DeadLettered} are dead letters";
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            why = "does not answer";
        }

        throw new FuryException(
            FuryErrorCode.MigrationInProgress,
            $"The source of '{state.Service}' {why}; what it has comes when it answers. To leave that too, say --evacuate once more.")
        {
            IsTransient = true,
        };
    }

    private async Task<MoveState> Save(MoveState next, CancellationToken cancellation)
    {
        await host.SaveAsync(next, cancellation);
        return next;
    }
}
