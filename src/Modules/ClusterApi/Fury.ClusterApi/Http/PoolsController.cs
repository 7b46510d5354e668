using Fury.Access.Contracts;
using Fury.ClusterApi.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.ClusterApi.Http;

[ApiController]
[Route("cluster-api/v1/clusters/{cluster}/pools")]
[Tags("Cluster API")]
internal sealed class PoolsController(IClusterApi api) : ControllerBase
{
    private const int PoolBytesMax = 1 << 20;

    /// <summary>Every pool of this platform in the cluster.</summary>
    [HttpGet]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<IReadOnlyList<ClusterPool>>> List(ClusterName cluster, CancellationToken cancellation) =>
        (await api.Pools(cluster, cancellation)).Answer();

    /// <summary>The pool as it is now.</summary>
    [HttpGet("{pool}")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<ClusterPool>> Get(ClusterName cluster, PoolId pool, CancellationToken cancellation) =>
        (await api.FindPool(cluster, pool, cancellation)).Answer();

    /// <summary>Makes the pool be as asked. The same client token with the same pool again is the same wish.</summary>
    [HttpPut("{pool}")]
    [Needs(Permission.Operate)]
    [RequestSizeLimit(PoolBytesMax)]
    public async Task<ActionResult<ClusterPool>> Put(ClusterName cluster, PoolId pool, PoolRequest request, CancellationToken cancellation) =>
        (await api.Apply(cluster, request.ToWorkload(pool), cancellation)).Answer();

    /// <summary>Takes the pool away; each replica has <paramref name="graceSeconds"/> to end its work.</summary>
    [HttpDelete("{pool}")]
    [Needs(Permission.Operate)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public async Task<ActionResult> Delete(
        ClusterName cluster, PoolId pool, double graceSeconds = GraceSeconds.Default, CancellationToken cancellation = default)
    {
        var grace = GraceSeconds.Read(graceSeconds);
        var removed = grace.IsOk ? await api.Remove(cluster, pool, grace.Value, cancellation) : grace.Fault;
        return removed.IsOk ? NoContent() : Answers.Problem(removed.Fault);
    }

    /// <summary>Sets how many replicas there are now.</summary>
    [HttpPut("{pool}/replicas")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<ClusterPool>> PutReplicas(
        ClusterName cluster, PoolId pool, ClusterReplicasRequest request, CancellationToken cancellation) =>
        (await api.SetReplicas(cluster, pool, request.Replicas, cancellation)).Answer();

    /// <summary>Sets the number below which autoscaling may not go.</summary>
    [HttpPut("{pool}/floor")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<ClusterPool>> PutFloor(ClusterName cluster, PoolId pool, FloorRequest request, CancellationToken cancellation) =>
        (await api.SetFloor(cluster, pool, request.Floor, cancellation)).Answer();
}
