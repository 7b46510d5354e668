using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Driving;

/// <summary>Completes what follows from a verdict with the numbers behind it, and with what would help.</summary>
internal sealed partial class Advising(World world, IDeploymentStore store, ILogger log)
{
    /// <summary>No way back waits longer than this for advice.</summary>
    private static readonly TimeSpan LookMax = TimeSpan.FromMilliseconds(250);

    /// <summary>Of the scopes that it calls so many are looked at.</summary>
    private const int DependenciesMax = 20;

    public async Task<Move.Go> Complete(DeploymentRecord record, Seen seen, Move.Go go, CancellationToken cancellation)
    {
        if (seen.Judged is not { } judged || !go.Data.ContainsKey("verdict"))
        {
            return go;
        }

        var policy = JudgePolicies.Of(record.Policy);
        var data = new Dictionary<string, string>(go.Data.Concat(judged.Facts(policy)).DistinctBy(fact => fact.Key));
        if (go.Next is { Held: null, Back: null } || judged.Verdict.Kind == VerdictKind.Pass)
        {
            return go with { Data = data };
        }

        var around = await Look(record, cancellation);
        var recommendations = Recommendations.Of(policy, judged.Judgement, record, go.Next, go.At, around);
        foreach (var one in recommendations)
        {
            data[$"recommendation.{Word.Of(one.Kind)}"] = one.Sentence;
        }

        return go with { Next = go.Next with { Recommendations = recommendations }, Data = data };
    }

    private async Task<Surroundings> Look(DeploymentRecord record, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            return await Around(record, late.Token).WaitAsync(LookMax, cancellation);
        }
#pragma warning disable CA1031 // Whatever cannot be seen, the deployment must go on: it is held, or on its way back.
        catch (Exception unseen) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Unseen(log, unseen, record.Id);
            return new();
        }
        finally
        {
            await late.CancelAsync();
        }
    }

    private async Task<Surroundings> Around(DeploymentRecord record, CancellationToken cancellation)
    {
        var kills = 0;
        foreach (var pools in record.Moving.Select(lane => lane.Candidate!).ToLookup(pool => pool.Compute))
        {
            kills += world.Engine(pools.Key) is { } engine
                ? (await engine.Usage([.. pools.Select(pool => pool.Id)], cancellation)).Sum(replica => replica.OutOfMemoryKills)
                : 0;
        }

        return new(await Moving(record, cancellation), kills, kills == 0 ? 0 : await MemoryMiB(record, cancellation));
    }

    private async Task<int> MemoryMiB(DeploymentRecord record, CancellationToken cancellation) =>
        (await world.Describe(record.Moving.First().Candidate!, cancellation))?.Spec.Release.Size.MemoryMiB ?? 0;

    /// <summary>The deployment of a scope that this one calls whose candidate has traffic; of several, the one that has moved last.</summary>
    private async Task<DeploymentRecord?> Moving(DeploymentRecord record, CancellationToken cancellation)
    {
        DeploymentRecord? last = null;
        foreach (var scope in (await world.Tables.Dependencies(record.Scope, cancellation)).Take(DependenciesMax))
        {
            if ((await store.FindScope(scope, cancellation))?.InProgress is { } id && await store.Find(id, cancellation) is { Weight: > 0, Back: null } other
                && (last is null || other.PhaseSince > last.PhaseSince) && other.Phase != DeploymentPhase.Provisioning)
            {
                last = other;
            }
        }

        return last;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is around deployment {Deployment} could not be seen; it is advised without.")]
    private static partial void Unseen(ILogger log, Exception cause, DeploymentId deployment);
}
