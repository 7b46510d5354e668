using System.Net;
using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Dialects;
using Fury.ClusterApi.Kubernetes.Objects;
using Fury.ClusterApi.Kubernetes.Seeing;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>Jobs and schedules of one cluster.</summary>
internal sealed class KubernetesJobs(KubePlace place, DialectKeeper dialects)
{
    public async Task<Outcome<ClusterJob>> Run(JobWorkload wish, CancellationToken cancellation)
    {
        // A job is the same in every dialect; a cluster that is not supported is refused all the same.
        if (await dialects.Get(cancellation) is { IsOk: false } refused)
        {
            return refused.Fault;
        }

        // Created and never applied: a job that runs cannot be changed, and its name is the whole of its identity.
        var created = await place.Create(KubeResource.Jobs, JobObjects.Job(wish, place.Owner), cancellation);
        if (!created.Fault.IsStatus(HttpStatusCode.Conflict))
        {
            return created.Then<ClusterJob>(job => JobReading.Read(job));
        }

        var found = await place.Find(KubeResource.Jobs, Marks.JobObject(wish.Name), cancellation);
        return found.Then<ClusterJob>(job => job.Annotation(Marks.Wish) == Digests.Of(wish)
            ? JobReading.Read(job)
            : Fault.Conflict($"There is a job '{wish.Name}' with another workload. Another run is another name."));
    }

    public async Task<Outcome> Remove(string job, CancellationToken cancellation) =>
        (await place.Delete(KubeResource.Jobs, Marks.JobObject(job), cancellation)).Fault is { } fault ? fault : Outcome.Ok;

    /// <param name="job">A job's name, or the name that the cluster gave to a run of a schedule.</param>
    public async Task<Outcome<ClusterJob>> Find(string job, CancellationToken cancellation)
    {
        foreach (var name in new[] { Marks.JobObject(job), job })
        {
            var found = await place.Find(KubeResource.Jobs, name, cancellation);
            if (!found.IsOk || found.Value.ValueKind != JsonValueKind.Undefined)
            {
                return found.Then<ClusterJob>(one => JobReading.Read(one));
            }
        }

        return Fault.NotFound("job", job);
    }

    public Task<Outcome<IReadOnlyList<ClusterJob>>> All(CancellationToken cancellation) =>
        place.Client.All(place.Owned(KubeResource.Jobs), JobReading.Read, cancellation);

    public async Task<Outcome> ApplySchedule(ScheduleWorkload wish, CancellationToken cancellation)
    {
        var applied = await dialects.Speak(
            dialect => JobObjects.Schedule(wish, place.Owner, dialect, place.Client.Clock.GetUtcNow())
                .Then(body => place.Apply(dialect.Schedules, body, cancellation)),
            cancellation);
        return applied.Fault is { } fault ? fault : Outcome.Ok;
    }

    public async Task<Outcome> RemoveSchedule(string schedule, CancellationToken cancellation)
    {
        var removed = await dialects.Speak(dialect => place.Delete(dialect.Schedules, Marks.ScheduleObject(schedule), cancellation), cancellation);
        return removed.Fault is { } fault ? fault : Outcome.Ok;
    }
}
