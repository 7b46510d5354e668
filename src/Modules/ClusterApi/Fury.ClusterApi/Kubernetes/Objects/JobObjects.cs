using System.Text.Json.Nodes;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Dialects;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Objects;

/// <summary>From neutral jobs and schedules to the objects of a dialect. Pure.</summary>
internal static class JobObjects
{
    public static JsonObject Job(JobWorkload job, string owner) => new()
    {
        ["apiVersion"] = KubeResource.Jobs.Version,
        ["kind"] = KubeResource.Jobs.Kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = Marks.JobObject(job.Name),
            ["labels"] = Marks.Labels(owner, job.Marks, (Marks.Job, job.Name)),
            ["annotations"] = new JsonObject { [Marks.Wish] = Digests.Of(job) },
        },
        ["spec"] = Spec(job, owner, (Marks.Job, job.Name)),
    };

    public static Outcome<JsonObject> Schedule(ScheduleWorkload schedule, string owner, Dialect dialect, DateTimeOffset now)
    {
        var cron = dialect.KnowsTimeZones ? schedule.Cron : CronTranslation.ToUtc(schedule.Cron, schedule.TimeZone, now, dialect.Version.Text);
        return cron.Then<JsonObject>(expression => Schedule(schedule, owner, dialect, expression));
    }

    private static JsonObject Schedule(ScheduleWorkload schedule, string owner, Dialect dialect, string cron)
    {
        var mark = (Marks.Schedule, schedule.Name);
        var spec = new JsonObject
        {
            ["schedule"] = cron,
            ["concurrencyPolicy"] = schedule.Concurrency.ToString(),
            ["startingDeadlineSeconds"] = Seconds(schedule.StartWithin),
            ["successfulJobsHistoryLimit"] = schedule.SucceededKept,
            ["failedJobsHistoryLimit"] = schedule.FailedKept,
            ["suspend"] = schedule.IsPaused,
            ["jobTemplate"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = Marks.Labels(owner, schedule.Run.Marks, mark) },
                ["spec"] = Spec(schedule.Run, owner, mark),
            },
        };
        if (dialect.KnowsTimeZones)
        {
            spec["timeZone"] = schedule.TimeZone;
        }

        return new JsonObject
        {
            ["apiVersion"] = dialect.Schedules.Version,
            ["kind"] = dialect.Schedules.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = Marks.ScheduleObject(schedule.Name),
                ["labels"] = Marks.Labels(owner, schedule.Run.Marks, mark),
            },
            ["spec"] = spec,
        };
    }

    private static JsonObject Spec(JobWorkload job, string owner, (string Name, string Value) mark) => new()
    {
        ["backoffLimit"] = job.Retries,
        ["activeDeadlineSeconds"] = Seconds(job.Deadline),
        ["ttlSecondsAfterFinished"] = Seconds(job.KeepFor),
        // Never: a failed attempt stays to be looked at, and the next is a replica of its own.
        ["template"] = PodTemplate.Of(job.Template, Marks.Labels(owner, job.Marks, mark), mark, "Never"),
    };

    private static long Seconds(TimeSpan time) => (long)Math.Ceiling(time.TotalSeconds);
}
