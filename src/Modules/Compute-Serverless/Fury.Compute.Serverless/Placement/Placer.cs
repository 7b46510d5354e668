using System.Collections.Concurrent;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// Plans and has it promised, and plans what was refused again on the fleet as it is then. Any number of callers at once; each has a planner
/// while it plans.
/// </summary>
internal sealed class Placer(Applier applier, TimeProvider clock)
{
    /// <summary>Who was refused so often is planned for by the applier itself: what fits is placed, however many want it at once.</summary>
    public const int RoundsMax = 4;

    private readonly ConcurrentBag<Planner> _planners = [];

    /// <summary>As of now, with all that is promised.</summary>
    public Fleet Fleet => applier.Fleet;

    /// <summary>
    /// A decision whose replicas have promised room; those for which there is none are pending, with the reason. Asking the same again finds
    /// what was promised, also after a crash.
    /// </summary>
    /// <param name="planned">A plan that was made already, as one of many; null to make one. Asked for one after the other without waiting, plans
    /// are promised in that order.</param>
    public async Task<Outcome<Decision>> Place(PlacementRequest request, CancellationToken cancellation, Decision? planned = null)
    {
        if (request.Check() is { } bad)
        {
            return bad;
        }

        for (var round = 1; round <= RoundsMax; round++)
        {
            var applied = await applier.Apply(request, round == 1 && planned is not null ? planned : Plan(request), cancellation);
            if (!applied.IsOk)
            {
                return applied.Fault;
            }

            if (applied.Value.Refused == 0 || applied.Value.Decision.Pending == 0)
            {
                return applied.Value.Decision;
            }

            request = request with { Current = applied.Value.Decision.Placed };
        }

        var last = await applier.PlanAndApply(request, cancellation);
        return last.IsOk ? last.Value.Decision : last.Fault;
    }

    /// <summary>The pool is let go: nothing is promised to it any more.</summary>
    public Task<Outcome<bool>> Retire(PoolId pool, CancellationToken cancellation) => applier.Retire(pool, cancellation);

    private Decision Plan(PlacementRequest request)
    {
        var planner = _planners.TryTake(out var idle) ? idle : new Planner();
        try
        {
            return planner.Plan(applier.Fleet, request, clock.GetUtcNow());
        }
        finally
        {
            _planners.Add(planner);
        }
    }
}
