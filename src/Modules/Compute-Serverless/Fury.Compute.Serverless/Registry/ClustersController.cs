using Fury.Access.Contracts;
using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Watching;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Compute.Serverless.Registry;

/// <summary>A cluster as people see it.</summary>
/// <param name="Health">As the host that places sees it: <c>healthy</c>, <c>suspect</c>, <c>frozen</c>, <c>dead</c>; null on another host.</param>
/// <param name="Pools">How many have replicas there.</param>
internal sealed record ClusterView(
    string Name,
    string Provider,
    string Region,
    IReadOnlyList<string> Zones,
    string Criticality,
    IReadOnlyList<string> WorkloadTypes,
    IReadOnlyList<string> Taints,
    string Shape,
    string Phase,
    string? Health,
    string? Why,
    string Access,
    int? Pools)
{
    public static ClusterView Of(RegisteredCluster one, ClusterHealth? health, int? pools) => new(
        one.Cluster.Name,
        one.Cluster.Provider,
        one.Cluster.Region,
        one.Cluster.Zones,
        one.Cluster.Criticality is { } criticality ? Word.Of(criticality) : Segment.Any,
        [.. one.Cluster.WorkloadTypes.Select(Word.Of)],
        one.Cluster.Taints,
        one.Cluster.Shape,
        Word.Of(one.Cluster.Phase),
        health is null ? null : Word.Of(health.Phase),
        health?.Why,
        $"{one.Access}",
        pools);
}

[ApiController]
[Route("api/v1/clusters")]
[Tags("Clusters")]
internal sealed class ClustersController(
    ClusterStore clusters, IManagedClusters managed, IPoolStore pools, PlacementDesk desk, IWake wake) : ControllerBase
{
    private const int RequestBytesMax = 64 * 1024;

    /// <summary>All clusters, by name.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<ClusterView>>> List(
        string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var check = new Validation();
        check.Limit(limit);
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        // There are hundreds; all of them are read all the time.
        var behind = (await clusters.List(cancellation)).Where(one => after is null || string.CompareOrdinal(one.Cluster.Name, after) > 0);
        return Page<ClusterView>.Of(
            [.. behind.Select(one => ClusterView.Of(one, desk.Health.GetValueOrDefault(one.Cluster.Name), null)).Take(limit + 1)],
            limit,
            view => view.Name);
    }

    /// <summary>One cluster.</summary>
    [HttpGet("{name}")]
    [Needs(Permission.View)]
    public async Task<ActionResult<ClusterView>> Get(string name, CancellationToken cancellation) =>
        await clusters.Find(name, cancellation) is { } one
            ? ClusterView.Of(one, desk.Health.GetValueOrDefault(name), (await pools.In(name, cancellation)).Count)
            : Answers.Problem(Fault.NotFound("cluster", name));

    /// <summary>Registers the cluster, or changes what is known of it; the same again changes nothing.</summary>
    [HttpPut("{name}")]
    [Needs(Permission.Operate)]
    [Recorded(nameof(Get))]
    [RequestSizeLimit(RequestBytesMax)]
    public async Task<ActionResult<ClusterView>> Put(string name, ClusterRequest request, CancellationToken cancellation)
    {
        var read = request.Read(name);
        if (!read.IsOk)
        {
            return Answers.Problem(read.Fault);
        }

        // What can never be right is said now; a cloud that does not answer is no reason not to know its cluster.
        if (read.Value.Access.Managed is { } its && (await managed.Find(its, cancellation)).Fault is { Kind: not FaultKind.Unavailable } wrong)
        {
            return Answers.Problem(wrong);
        }

        var put = await clusters.Put(read.Value.Cluster, read.Value.Access, cancellation);
        Wake();
        return ClusterView.Of(put, desk.Health.GetValueOrDefault(name), null);
    }

    /// <summary>Forgets the cluster; 409 while pools or runs have replicas there. Nothing in it is touched.</summary>
    [HttpDelete("{name}")]
    [Needs(Permission.Operate)]
    [Recorded(nameof(Get))]
    public async Task<IActionResult> Delete(string name, CancellationToken cancellation)
    {
        var removed = await clusters.Remove(name, cancellation);
        Wake();
        return removed.IsOk ? NoContent() : Answers.Problem(removed.Fault);
    }

    private void Wake()
    {
        wake.Reconciler(ClusterWatchers.ReconcilerName);
        wake.Reconciler(PoolReconciler.ReconcilerName);
    }
}
