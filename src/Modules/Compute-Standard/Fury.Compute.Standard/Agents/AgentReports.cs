using Fury.Agent.Wire;
using Fury.Compute.Standard.Pools;
using Fury.Compute.Standard.Usage;
using Fury.Kernel;

namespace Fury.Compute.Standard.Agents;

/// <summary>
/// What becomes of a pool by what an agent tells: an instance that its cloud takes back is replaced before it is lost, and one whose artifact can never be
/// started is given up at once. What the application uses is left for whoever scales the pool, and which version the agent is for whoever upgrades it. Health
/// and restarts are seen from outside, where requests come from.
/// </summary>
internal sealed class AgentReports(NewestReports newest, UsageInbox usage, IPoolStore store, TimeProvider clock) : IAgentReports
{
    /// <summary>Where a cloud says that it takes an instance back and not when, as with every cloud's shortest notice.</summary>
    private static readonly TimeSpan NoticeMin = TimeSpan.FromSeconds(30);

    public async Task<Outcome> Take(AgentReport report, CancellationToken cancellation)
    {
        var taken = newest.Take(report);
        if (taken is not { IsOk: true, Value: true })
        {
            return taken.IsOk ? Outcome.Ok : taken.Fault;
        }

        usage.Add(report);
        if (!IsNews(report.Status))
        {
            return Outcome.Ok;
        }

        if (!Guid.TryParse(report.Lot, out var lot) || await store.PoolOfLot(lot, cancellation) is not { } pool)
        {
            return Fault.NotFound("lot", report.Lot);
        }

        var changed = await store.Change(pool, before => After(before, lot, report), cancellation);
        return changed.IsOk ? Outcome.Ok : changed.Fault;
    }

    /// <summary>Regular reports and health change no pool, and cost no question.</summary>
    private static bool IsNews(AgentStatus status) => status is { Phase: AgentPhase.Failed } or { Notice.Kind: NoticeKind.Interruption };

    private Pool After(Pool pool, Guid lot, AgentReport report)
    {
        var now = clock.GetUtcNow();
        if (pool.Lot(lot).FirstOrDefault(one => one.ProviderId?.EndsWith($"/{report.ProviderId}", StringComparison.Ordinal) == true) is not { } instance)
        {
            return pool;
        }

        return report.Status.Phase == AgentPhase.Failed && instance.IsLive
            ? Changes.LaunchFailed(pool, Fault.Unavailable($"A replica cannot be started: {report.Status.Reason}"), now).With(Changes.Stop(instance, now))
            : report.Status.Notice is { Kind: NoticeKind.Interruption } notice
                ? Changes.Noticed(pool, instance.Id, notice.LossAt ?? now + NoticeMin)
                : pool;
    }
}
