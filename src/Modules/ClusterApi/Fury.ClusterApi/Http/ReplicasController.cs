using Fury.Access.Contracts;
using Fury.ClusterApi.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.ClusterApi.Http;

[ApiController]
[Route("cluster-api/v1/clusters/{cluster}/replicas/{replica}")]
[Tags("Cluster API")]
internal sealed class ReplicasController(IClusterApi api, TimeProvider clock) : ControllerBase
{
    private const int TailDefault = 100;

    /// <summary>Ends the replica, which has <paramref name="graceSeconds"/> to end its work; its pool gets another in its place.</summary>
    [HttpDelete]
    [Needs(Permission.Operate)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public async Task<ActionResult> Delete(
        ClusterName cluster, string replica, double graceSeconds = GraceSeconds.Default, CancellationToken cancellation = default)
    {
        var grace = GraceSeconds.Read(graceSeconds);
        var ended = grace.IsOk ? await api.EndReplica(cluster, replica, grace.Value, cancellation) : grace.Fault;
        return ended.IsOk ? NoContent() : Answers.Problem(ended.Fault);
    }

    /// <summary>What the cluster has noted about the replica, oldest first.</summary>
    [HttpGet("events")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<IReadOnlyList<ReplicaEvent>>> Events(ClusterName cluster, string replica, CancellationToken cancellation) =>
        (await api.Events(cluster, replica, cancellation)).Answer();

    /// <summary>The last lines that the replica wrote, and with <paramref name="follow"/> new ones as they come, as server-sent events.</summary>
    [HttpGet("logs")]
    [Needs(Permission.Operate)]
    [Produces(ServerSentEvents.MediaType)]
    public async Task<ActionResult> Logs(
        ClusterName cluster, string replica, int tail = TailDefault, bool follow = false, CancellationToken cancellation = default)
    {
        var log = await api.Logs(cluster, replica, tail, follow, cancellation);
        if (!log.IsOk)
        {
            return Answers.Problem(log.Fault);
        }

        await ServerSentEvents.Write(Response, log.Value.Lines, clock, cancellation);
        return new EmptyResult();
    }
}
