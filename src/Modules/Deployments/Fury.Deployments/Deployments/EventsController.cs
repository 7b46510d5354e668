using System.Globalization;
using Fury.Access.Contracts;
using Fury.Deployments.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Deployments;

/// <summary>The history of a deployment: as a list, or as server-sent events that go on until it has ended.</summary>
[ApiController]
[Route("api/v1/deployments/{id}/events")]
internal sealed class EventsController(DeploymentDesk desk, IDeploymentStore store, TimeProvider clock) : ControllerBase
{
    private const int EventsMax = 10_000;

    /// <summary>
    /// The events so far as JSON; with <c>Accept: text/event-stream</c> a stream of them and of those to come. The id of each is its
    /// number; with <c>Last-Event-ID</c> it begins after that one. It ends after the event that ends the deployment.
    /// </summary>
    [HttpGet]
    [Needs(Permission.View, Subject = typeof(DeploymentSubject))]
    public async Task<ActionResult<IReadOnlyList<DeploymentEvent>>> Events(
        DeploymentId id, [FromHeader(Name = "Last-Event-ID")] string? last, CancellationToken cancellation)
    {
        long after = 0;
        if (last is not null && (!long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out after) || after < 0))
        {
            return Answers.Problem(Fault.Invalid("last-Event-ID", last, "the number of an event"));
        }

        var found = await desk.Find(id, cancellation);
        if (!found.IsOk)
        {
            return Answers.Problem(found.Fault);
        }

        if (!Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(ServerSentEvents.MediaType, StringComparison.OrdinalIgnoreCase)))
        {
            return new OkObjectResult(await store.Events(id, after, EventsMax, cancellation));
        }

        await ServerSentEvents.Write(
            Response,
            desk.Events(id, after, cancellation),
            one => $"id: {one.Number}\nevent: {Word.Of(one.Phase)}\ndata: {Json.Write(one)}\n\n",
            clock,
            cancellation);
        return new EmptyResult();
    }
}
