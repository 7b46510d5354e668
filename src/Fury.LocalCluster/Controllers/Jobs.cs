using System.Text.Json.Nodes;
using Fury.Processes;

namespace Fury.LocalCluster;

/// <summary>What a job is made of, and how far it is.</summary>
internal sealed record JobSeen(
    int? Completions, int Parallelism, int BackoffLimit, bool Suspended, TimeSpan? Deadline, TimeSpan? Running, int Active, int Succeeded, int Failed);

/// <summary>What a job should do next: make pods, end active ones, or be done with a condition.</summary>
internal sealed record JobPlan(int Create, bool EndAll, string? Done, string? Reason, string? Message);

/// <summary>Runs pods until enough of them have succeeded, or too many have failed, or the time is over.</summary>
internal sealed class Jobs(Registry registry) : IController
{
    private static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(6);

    private readonly DirtyObjects _dirty = new(registry.Store, AllKinds.Jobs);

    public void Note(Change change)
    {
        if (change.Entry.Kind == AllKinds.Jobs)
        {
            _dirty.Add(change.Entry.Uid);
        }
        else if (change.Entry.Pod is { } pod)
        {
            _dirty.Add(pod.Controller);
        }
    }

    public DateTimeOffset? Pass() => _dirty.Pass(entry => entry.Deleting ? null : Reconcile(entry));

    public static bool HasEnded(JsonObject job) => Conditions.Has(job, "Complete") || Conditions.Has(job, "Failed");

    internal static JobPlan Plan(JobSeen job)
    {
        if (job.Failed > job.BackoffLimit)
        {
            return new(0, true, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }

        if (job.Deadline is { } deadline && job.Running >= deadline)
        {
            return new(0, true, "Failed", "DeadlineExceeded", "Job was active longer than specified deadline");
        }

        // Without a number of completions, the first success means that the work is done, and nothing new is begun.
        if (job.Completions is { } wanted ? job.Succeeded >= wanted : job.Succeeded > 0 && job.Active == 0)
        {
            return new(0, false, "Complete", null, null);
        }

        if (job.Suspended)
        {
            return new(0, job.Active > 0, null, null, null);
        }

        var useful = job.Completions is { } all ? Math.Min(job.Parallelism, all - job.Succeeded) : job.Succeeded > 0 ? job.Active : job.Parallelism;
        return new(Math.Max(0, useful - job.Active), false, null, null, null);
    }

    private DateTimeOffset? Reconcile(Entry entry)
    {
        var job = entry.Read();
        var now = registry.Clock.GetUtcNow();
        if (HasEnded(job))
        {
            return Expire(entry, job, now);
        }

        var pods = registry.Store.DependentsOf(entry.Uid).Where(pod => pod.Pod is not null).ToList();
        var started = job.Time("status", "startTime");
        var seen = new JobSeen(
            (int?)job.Number("spec", "completions"),
            (int)(job.Number("spec", "parallelism") ?? 1),
            (int)(job.Number("spec", "backoffLimit") ?? 6),
            job.Flag("spec", "suspend") == true,
            job.Number("spec", "activeDeadlineSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            started is null ? null : now - started,
            pods.Count(pod => !pod.Pod!.HasEnded && !pod.Deleting),
            pods.Count(pod => pod.Pod!.Phase == "Succeeded"),
            pods.Count(pod => pod.Pod!.Phase == "Failed"));
        var plan = Plan(seen);
        var retryAt = plan.Create > 0 && seen.Failed > 0 ? RetryAt(pods, seen.Failed) : null;
        if (retryAt > now)
        {
            plan = plan with { Create = 0 };
        }

        Act(entry, job, plan, pods);
        Tell(entry, plan, seen, now);
        var deadlineAt = seen.Deadline is { } deadline ? (started ?? now) + deadline : (DateTimeOffset?)null;
        return plan.Done is null ? ControlLoop.Earlier(retryAt > now ? retryAt : null, deadlineAt) : null;
    }

    private void Act(Entry entry, JsonObject job, JobPlan plan, List<Entry> pods)
    {
        if (plan.EndAll)
        {
            foreach (var pod in pods.Where(pod => !pod.Pod!.HasEnded && !pod.Deleting))
            {
                registry.Delete(pod.Kind, pod.Namespace, pod.Name, DeleteOptions.Graceful);
            }
        }

        try
        {
            for (var made = 0; made < plan.Create; made++)
            {
                registry.Create(AllKinds.Pods, entry.Namespace, PodTemplates.Pod(AllKinds.Jobs, job), Writer.Cluster);
            }
        }
        catch (Refusal refused)
        {
            Recorder.Warn(registry, entry, "FailedCreate", refused.Message, "job-controller");
        }
    }

    private void Tell(Entry entry, JobPlan plan, JobSeen seen, DateTimeOffset now) => registry.Edit(entry, Writer.ClusterStatus, value =>
    {
        var status = value.Child("status");
        if (!seen.Suspended)
        {
            status.Default("startTime", now.Stamp());
        }

        status.SetCount("active", plan.EndAll ? 0 : seen.Active + plan.Create);
        status.SetCount("ready", plan.EndAll ? 0 : registry.Store.DependentsOf(entry.Uid).Count(pod => pod is { Deleting: false, Pod.Ready: true }));
        status.SetCount("succeeded", seen.Succeeded);
        status.SetCount("failed", seen.Failed + (plan is { EndAll: true, Done: "Failed" } ? seen.Active : 0));
        if (plan.Done is not null)
        {
            Conditions.Set(value, plan.Done, "True", plan.Reason, plan.Message, now);
            if (plan.Done == "Complete")
            {
                status["completionTime"] = now.Stamp();
            }
        }
    });

    /// <summary>Each failure waits twice as long for the next attempt as the one before.</summary>
    private DateTimeOffset? RetryAt(List<Entry> pods, int failed)
    {
        var pause = Backoff.After(failed, RetryFirst, RetryMax);
        var last = pods.Where(pod => pod.Pod!.Phase == "Failed")
            .SelectMany(pod => pod.Read().Array("status", "containerStatuses") ?? [])
            .Select(status => status.Time("state", "terminated", "finishedAt")).Max();
        return (last ?? registry.Clock.GetUtcNow()) + pause;
    }

    private DateTimeOffset? Expire(Entry entry, JsonObject job, DateTimeOffset now)
    {
        if (job.Number("spec", "ttlSecondsAfterFinished") is not { } seconds)
        {
            return null;
        }

        var finished = (job.Array("status", "conditions") ?? [])
            .First(condition => condition.Text("type") is "Complete" or "Failed" && condition.Text("status") == "True").Time("lastTransitionTime") ?? now;
        var at = finished + TimeSpan.FromSeconds(seconds);
        if (at > now)
        {
            return at;
        }

        registry.Delete(entry.Kind, entry.Namespace, entry.Name, DeleteOptions.Graceful);
        return null;
    }
}
