using Fury.Access.Contracts;
using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.ClusterApi.Http;

[ApiController]
[Route("cluster-api/v1/clusters")]
[Tags("Cluster API")]
internal sealed class ClustersController(ClusterDesk desk, TimeProvider clock) : ControllerBase
{
    private const int AccessBytesMax = 1 << 20;

    /// <summary>The names of the clusters that are known here.</summary>
    [HttpGet]
    [Needs(Permission.Operate)]
    public ActionResult<IReadOnlyList<ClusterName>> List() => new OkObjectResult(desk.Clusters);

    /// <summary>Makes a cluster known. Its access must hold everything itself: it may name no files and no programs.</summary>
    [HttpPut("{cluster}")]
    [Needs(Permission.Operate)]
    [RequestSizeLimit(AccessBytesMax)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public async Task<ActionResult> Connect(ClusterName cluster, AccessRequest access, CancellationToken cancellation) =>
        await desk.ConnectFromNetwork(cluster, access.ToAccess(), cancellation) is { IsOk: false } refused ? Answers.Problem(refused.Fault) : NoContent();

    /// <summary>Forgets a cluster; nothing in it is touched.</summary>
    [HttpDelete("{cluster}")]
    [Needs(Permission.Operate)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public async Task<ActionResult> Disconnect(ClusterName cluster)
    {
        await desk.Disconnect(cluster);
        return NoContent();
    }

    /// <summary>What the cluster runs, asked now.</summary>
    [HttpGet("{cluster}/version")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<ClusterVersion>> Version(ClusterName cluster, CancellationToken cancellation) =>
        (await desk.Version(cluster, cancellation)).Answer();

    /// <summary>What the cluster has and what is asked of it, counted now.</summary>
    [HttpGet("{cluster}/capacity")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<ClusterCapacity>> Capacity(ClusterName cluster, CancellationToken cancellation) =>
        (await desk.Capacity(cluster, cancellation)).Answer();

    /// <summary>What replicas use, as the cluster measured it last; empty where it measures nothing.</summary>
    [HttpGet("{cluster}/usage")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<IReadOnlyList<ClusterReplicaUsage>>> Usage(ClusterName cluster, CancellationToken cancellation) =>
        (await desk.Usage(cluster, cancellation)).Answer();

    /// <summary>Replicas and nodes as they are, then <c>synced</c>, then changes, as server-sent events.</summary>
    /// <param name="cluster">Its name.</param>
    /// <param name="follow">Must be true: a watch has no end.</param>
    [HttpGet("{cluster}/watch")]
    [Needs(Permission.Operate)]
    [Produces(ServerSentEvents.MediaType)]
    public async Task<ActionResult> Watch(ClusterName cluster, bool follow, CancellationToken cancellation)
    {
        if (!follow)
        {
            return Answers.Problem(Fault.Invalid("follow", follow, "true: a watch has no end"));
        }

        if (!desk.Clusters.Contains(cluster))
        {
            return Answers.Problem(Fault.NotFound("cluster", cluster));
        }

        await ServerSentEvents.Write(Response, desk.Watch(cluster, cancellation), clock, cancellation);
        return new EmptyResult();
    }
}
