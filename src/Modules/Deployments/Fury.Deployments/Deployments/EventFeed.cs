using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>
/// Events of deployments as they come, for any number of watchers: a watcher that waits costs no query, and those of one deployment who want the same page
/// at the same time read it once.
/// </summary>
internal sealed class EventFeed(IDeploymentStore store, Signals signals, Watched watched)
{
    private const int PageMax = 200;

    private readonly ConcurrentDictionary<Wanted, Lazy<Task<Looked>>> _reads = new();

    /// <summary>
    /// Those after <paramref name="after"/> (0 for all), then new ones, until the deployment has ended. At most one page is held for a watcher.
    /// </summary>
    public async IAsyncEnumerable<DeploymentEvent> Events(
        DeploymentId deployment, long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var watch = watched.Add(deployment);
        while (true)
        {
            // Taken before the look, so an event that comes between is not slept over.
            var signal = signals.Next(deployment);
            var (page, isOver) = await Read(new(deployment, after, signal)).WaitAsync(cancellation);
            foreach (var one in page)
            {
                yield return one;
                after = one.Number;
                if (one.Phase is DeploymentPhase.Done or DeploymentPhase.RolledBack or DeploymentPhase.Aborted)
                {
                    yield break;
                }
            }

            if (page.Count == PageMax)
            {
                continue;
            }

            if (isOver)
            {
                yield break;
            }

            await signal.WaitAsync(cancellation);
        }
    }

    /// <summary>
    /// Shared only by those who have taken the same signal: the look began after that, so it sees all that the signal does not tell of. None of them may
    /// cancel it for the others.
    /// </summary>
    private Task<Looked> Read(Wanted wanted) =>
        _reads.GetOrAdd(wanted, key => new(() => Look(key))).Value;

    private async Task<Looked> Look(Wanted wanted)
    {
        try
        {
            var page = await store.Events(wanted.Deployment, wanted.After, PageMax, CancellationToken.None);

            // Resumed after the last event, or of a deployment that does not exist. It may also have ended since the page was read.
            var isOver = page.Count == 0
                && (await store.Find(wanted.Deployment, CancellationToken.None) is not { } record
                    || record.Revision < wanted.After + (record.Ended ? 1 : 0));
            return new(page, isOver);
        }
        finally
        {
            _reads.TryRemove(wanted, out _);
        }
    }

    /// <param name="IsOver">Nothing comes any more.</param>
    private sealed record Looked(IReadOnlyList<DeploymentEvent> Page, bool IsOver);

    private sealed record Wanted(DeploymentId Deployment, long After, Task Signal);
}
