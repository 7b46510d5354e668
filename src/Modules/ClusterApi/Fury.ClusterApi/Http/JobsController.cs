using Fury.Access.Contracts;
using Fury.ClusterApi.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.ClusterApi.Http;

[ApiController]
[Route("cluster-api/v1/clusters/{cluster}")]
[Tags("Cluster API")]
internal sealed class JobsController(IClusterApi api) : ControllerBase
{
    private const int JobBytesMax = 1 << 20;

    /// <summary>Every job of this platform in the cluster, with the runs of schedules.</summary>
    [HttpGet("jobs")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<IReadOnlyList<ClusterJob>>> List(ClusterName cluster, CancellationToken cancellation) =>
        (await api.Jobs(cluster, cancellation)).Answer();

    /// <summary>The job as it is now.</summary>
    [HttpGet("jobs/{job}")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<ClusterJob>> Get(ClusterName cluster, string job, CancellationToken cancellation) =>
        (await api.FindJob(cluster, job, cancellation)).Answer();

    /// <summary>Runs something to its end, once for each name.</summary>
    [HttpPut("jobs/{job}")]
    [Needs(Permission.Operate)]
    [RequestSizeLimit(JobBytesMax)]
    public async Task<ActionResult<ClusterJob>> Put(ClusterName cluster, string job, ClusterJobRequest request, CancellationToken cancellation) =>
        (await api.RunJob(cluster, request.ToWorkload(job), cancellation)).Answer();

    /// <summary>Takes the job and its replicas away, running or not.</summary>
    [HttpDelete("jobs/{job}")]
    [Needs(Permission.Operate)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public async Task<ActionResult> Delete(ClusterName cluster, string job, CancellationToken cancellation) =>
        await api.RemoveJob(cluster, job, cancellation) is { IsOk: false } refused ? Answers.Problem(refused.Fault) : NoContent();

    /// <summary>Makes the schedule be as asked.</summary>
    [HttpPut("schedules/{schedule}")]
    [Needs(Permission.Operate)]
    [RequestSizeLimit(JobBytesMax)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public async Task<ActionResult> PutSchedule(ClusterName cluster, string schedule, ClusterScheduleRequest request, CancellationToken cancellation) =>
        await api.ApplySchedule(cluster, request.ToWorkload(schedule), cancellation) is { IsOk: false } refused
            ? Answers.Problem(refused.Fault)
            : NoContent();

    /// <summary>Takes the schedule and its runs away.</summary>
    [HttpDelete("schedules/{schedule}")]
    [Needs(Permission.Operate)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public async Task<ActionResult> DeleteSchedule(ClusterName cluster, string schedule, CancellationToken cancellation) =>
        await api.RemoveSchedule(cluster, schedule, cancellation) is { IsOk: false } refused ? Answers.Problem(refused.Fault) : NoContent();
}
