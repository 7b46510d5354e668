using Fury.Access.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Deployments;

/// <summary>What is recommended of a deployment (<see cref="Deployment.Recommendations"/>) is taken here.</summary>
[ApiController]
[Route("api/v1/deployments/{id}/recommendations")]
[Produces("application/json")]
internal sealed class RecommendationsController(DeploymentDesk desk, IDeploymentStore store) : ControllerBase
{
    /// <summary>
    /// Does what a recommendation says, and answers with the deployment that was changed by it: this one, or the one that it names. The same key again
    /// changes nothing. 404 when that is not recommended now, 409 when Fury cannot do it.
    /// </summary>
    [HttpPost("{kind}/take")]
    [Needs(Permission.Deploy, Subject = typeof(DeploymentSubject))]
    [Recorded]
    public async Task<ActionResult<Deployment>> Take(
        DeploymentId id, string kind, [FromHeader(Name = "Idempotency-Key")] string? key, CancellationToken cancellation)
    {
        var validation = new Validation();
        var wanted = validation.Choice(kind, default(RecommendationKind));
        if (validation.Fault is { } bad)
        {
            return Answers.Problem(bad);
        }

        if (await store.Find(id, cancellation) is { } record && Of(record, wanted) is { Action: RecommendedAction.HoldDependency } other)
        {
            var reason = $"deployment {id} of {record.Scope}, which calls it, recommends that.";
            return (await desk.Do(DeploymentId.From(Guid.Parse(other.Numbers["deployment"])), Command.Hold, reason, key, cancellation)).Answer();
        }

        return (await desk.Change(id, key, (now, at) => Task.FromResult(Asked(now, wanted, at)), cancellation)).Answer();
    }

    private static Outcome<Move.Go?> Asked(DeploymentRecord record, RecommendationKind wanted, DateTimeOffset now) => Of(record, wanted) is { } found
        ? Advised.Of(found, record, now)
        : new Fault(
            FaultKind.NotFound,
            $"{Word.Of(wanted)} is not recommended of deployment {record.Id} now"
            + (record.Recommendations.Count == 0
                ? ", nor is anything else."
                : $": {string.Join(", ", record.Recommendations.Select(one => Word.Of(one.Kind)))}."));

    private static Recommendation? Of(DeploymentRecord record, RecommendationKind wanted) => record.Recommendations.FirstOrDefault(one => one.Kind == wanted);
}
