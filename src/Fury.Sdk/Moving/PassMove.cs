using Fury.Sdk.Drivers;

namespace Fury.Sdk.Moving;

/// <summary>
/// Moves queues, locks and sequences: the phases do the work, and one pass, or the end of what is drained, comes between the third and the fourth. As
/// <see cref="DataMove"/>, it keeps nothing, and each step may be repeated.
/// </summary>
internal sealed class PassMove(MoveOrder order, IDriver source, IDriver target, IMoveHost host) : IDataMove
{
    /// <summary>What a probe leaves of locks and sequences, as those are never forgotten.</summary>
    public const string ProbeName = "fury-attest";

    private const int PageSize = 100;

    private const string Untold = "The source does not tell how much it holds, so nobody could know when it is drained: bind a new queue, and read the old "
        + "one to its end.";

    public async Task<MoveState> Advance(MoveState state, CancellationToken cancellation)
    {
        if (MovePlan.IsOver(state.Step))
        {
            return state;
        }

        if (state.Step != MoveStep.Check)
        {
            await host.PublishAsync(MovePlan.Binding(state, order.Binding, order.Target), cancellation);
            await host.WaitUntilInForceAsync(state.Epoch, cancellation);
        }

        await Work(state, cancellation);
        return await DataMove.Save(state, state, host, cancellation);
    }

    private async Task Work(MoveState state, CancellationToken cancellation)
    {
        switch (MovePlan.Work(state.Step))
        {
            case MoveWork.Gates:
                if (await Refusals(order, source, target, cancellation) is { Count: > 0 } refusals)
                {
                    throw new FuryException(FuryErrorCode.CapabilityNotSupported, $"'{state.Service}' is not moved: {string.Join(' ', refusals)}");
                }

                break;
            case MoveWork.CopyAll or MoveWork.VerifyAll:
                var (from, to) = state.Step < MoveStep.Hold ? (source, target) : (target, source);
                await Pass(state, from, to, cancellation);
                break;
            default:
                break;
        }
    }

    /// <summary>Whether the move may begin: everything that is wrong at once.</summary>
    public static async Task<IReadOnlyList<string>> Refusals(MoveOrder order, IDriver source, IDriver target, CancellationToken cancellation)
    {
        var isEmpty = (source, target) switch
        {
            (IQueueDriver, IQueueDriver to) => await to.Ask(each => each.GetDepthAsync(cancellation), cancellation)
                is { Visible: 0, Leased: null or 0, Delayed: null or 0, DeadLettered: null or 0 },
            (ILockDriver, ILockDriver to) => await HasOnlyProbes(async from =>
            {
                var page = await to.Ask(each => each.CountersAsync(from, PageSize, cancellation), cancellation);
                return (page.Counters.Select(each => each.Resource), page.Next);
            }),
            (ISequenceDriver, ISequenceDriver to) => await HasOnlyProbes(async from =>
            {
                var page = await to.Ask(each => each.NamesAsync(from, PageSize, cancellation), cancellation);
                return (page.Names, page.Next);
            }),
            _ => throw new FuryException(FuryErrorCode.NotBound, $"'{order.Binding.Service}' has no hand-off between providers."),
        };
        var held = source is IQueueDriver queue ? await queue.Ask(each => each.GetDepthAsync(cancellation), cancellation) : null;
        return
        [
            .. (order.Attested ?? target.Declared).Missing(order.Required).Select(each => $"The target was not attested to have '{each}'."),
            .. isEmpty ? Array.Empty<string>() : ["The target is not empty; give it another resource, or purge it."],
            .. held is null or { Visible: not null, Leased: not null, DeadLettered: not null } ? Array.Empty<string>() : [Untold],
            .. held is { DeadLettered: > 0 }
                ? [$"The source has {held.DeadLettered} dead letters, which do not move; redrive or remove them."]
                : Array.Empty<string>(),
        ];
    }

    /// <summary>Over all pages: one of a database that others use too may have nothing of ours, and another after it.</summary>
    private static async ValueTask<bool> HasOnlyProbes(Func<string?, ValueTask<(IEnumerable<string> Names, string? Next)>> page)
    {
        string? from = null;
        do
        {
            var (names, next) = await page(from);
            if (names.Any(name => name != ProbeName))
            {
                return false;
            }

            from = next;
        }
        while (from is not null);
        return true;
    }

    private static async Task Pass(MoveState state, IDriver from, IDriver to, CancellationToken cancellation)
    {
        switch (from, to)
        {
            case (IQueueDriver queue, _):
                if (await queue.Ask(each => each.GetDepthAsync(cancellation), cancellation) is var depth
                    && !(MovingQueue.IsEmpty(depth) && depth.DeadLettered == 0))
                {
                    throw new FuryException(
                        FuryErrorCode.MigrationInProgress,
                        $"'{state.Service}' is not drained: {depth.Visible} wait, {depth.Leased} are out, {depth.Delayed} are delayed, "
                        + $"{depth.DeadLettered} are dead letters.")
                    {
                        IsTransient = true,
                    };
                }

                break;
            case (ILockDriver counters, ILockDriver raised):
                await MovingLocks.RaiseAll(counters, raised, cancellation);
                break;
            case (ISequenceDriver closed, ISequenceDriver opened) when state.Step < MoveStep.Hold:
                await new MovingSequences(Bindings.MovePhase.Moving, closed, opened).HandOverAll(cancellation);
                break;
            default:
                break;
        }
    }
}
