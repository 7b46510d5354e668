using System.Collections.Concurrent;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// Plans and has it promised, and plans what was refused again on the fleet as it is then. Any number of callers at once; each has a planner
/// while it plans.
/// </summary>
internal sealed class Placer(Applier applier, TimeProvider clock)
{
    /// <summary>Refused so often, a caller waits and asks again: others are making progress all the time.</summary>
    public const int RoundsMax = 8;

    private readonly ConcurrentBag<Planner> _planners = [];

    /// <summary>
    /// A decision whose replicas have promised room; those for which there is none are pending, with the reason. Asking the same again finds
    /// what was promised, also after a crash.
    /// </summary>
    /// <param name="planned">A plan that was made already, as one of many; null to make one. Asked for one after the other without waiting, plans
    /// are promised in that order.</param>
    public async Task<Outcome<Decision>> Place(PlacementRequest request, CancellationToken cancellation, Decision? planned = null)
    {
        for (var round = 1; ; round++)
        {
            var applied = await applier.Apply(request, round == 1 && planned is not null ? planned : Plan(request), cancellation);
            if (!applied.IsOk)
            {
                return applied.Fault;
            }

            if (applied.Value.Refused == 0 || applied.Value.Decision.Pending == 0 || round == RoundsMax)
            {
                return applied.Value.Decision;
            }

            request = request with { Current = applied.Value.Decision.Placed };
        }
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
