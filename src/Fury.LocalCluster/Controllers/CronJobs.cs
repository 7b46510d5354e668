using System.Globalization;
using System.Text.Json.Nodes;
using Cronos;

namespace Fury.LocalCluster;

/// <summary>Makes a job whenever a schedule says so, unless its policy is against it, and keeps a few of those that have ended.</summary>
internal sealed class CronJobs(Registry registry) : IController
{
    /// <summary>After a long gap only the last missed time counts; this bounds how many are stepped over in one pass.</summary>
    private const int MissedMax = 10_000;

    private readonly DirtyObjects _dirty = new(registry.Store, AllKinds.CronJobs);

    public void Note(Change change)
    {
        if (change.Entry.Kind == AllKinds.CronJobs)
        {
            _dirty.Add(change.Entry.Uid);
        }
        else if (change.Entry.Kind == AllKinds.Jobs)
        {
            _dirty.Add(change.Entry.Owners);
        }
    }

    public DateTimeOffset? Pass() => _dirty.Pass(entry => entry.Deleting ? null : Reconcile(entry));

    /// <summary>
    /// The last time of the schedule that is after <paramref name="since"/> and not after <paramref name="now"/>, and the first one after now.
    /// </summary>
    internal static (DateTimeOffset? Missed, DateTimeOffset? Next) Times(
        CronExpression schedule, TimeZoneInfo zone, DateTimeOffset since, DateTimeOffset now)
    {
        DateTimeOffset? missed = null;
        var next = schedule.GetNextOccurrence(since, zone);
        for (var step = 0; step < MissedMax && next <= now; step++)
        {
            missed = next;
            next = schedule.GetNextOccurrence(next.Value, zone);
        }

        return (missed, next);
    }

    private DateTimeOffset? Reconcile(Entry entry)
    {
        var cron = entry.Read();
        var now = registry.Clock.GetUtcNow();
        var jobs = registry.Store.DependentsOf(entry.Uid).Where(job => job.Kind == AllKinds.Jobs).Select(job => (Entry: job, Value: job.Read())).ToList();
        var active = jobs.Where(job => !job.Entry.Deleting && !Jobs.HasEnded(job.Value)).ToList();
        Clean(jobs.Where(job => Conditions.Has(job.Value, "Complete")), cron.Number("spec", "successfulJobsHistoryLimit") ?? 3);
        Clean(jobs.Where(job => Conditions.Has(job.Value, "Failed")), cron.Number("spec", "failedJobsHistoryLimit") ?? 1);
        DateTimeOffset? next = null;
        DateTimeOffset? ran = null;
        if (cron.Flag("spec", "suspend") != true && CronExpression.TryParse(cron.Text("spec", "schedule") ?? "", out var schedule))
        {
            var zone = cron.Text("spec", "timeZone") is { } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found) ? found : TimeZoneInfo.Utc;
            var since = cron.Time("status", "lastScheduleTime") ?? cron.Time("metadata", "creationTimestamp") ?? now;
            (var missed, next) = Times(schedule, zone, since, now);
            if (missed is { } at && InTime(cron, at, now) && (cron.Text("spec", "concurrencyPolicy") != "Forbid" || active.Count == 0))
            {
                if (cron.Text("spec", "concurrencyPolicy") == "Replace")
                {
                    active.ForEach(job => registry.Delete(job.Entry.Kind, job.Entry.Namespace, job.Entry.Name, DeleteOptions.Graceful));
                    active.Clear();
                }

                if (Run(entry, cron, at) is { } job)
                {
                    active.Add((job, job.Read()));
                    ran = at;
                }
            }
        }

        Tell(entry, active.ConvertAll(job => job.Entry), ran, jobs.Select(job => job.Value.Time("status", "completionTime")).Max());
        return next;
    }

    private static bool InTime(JsonObject cron, DateTimeOffset at, DateTimeOffset now) =>
        cron.Number("spec", "startingDeadlineSeconds") is not { } seconds || now - at <= TimeSpan.FromSeconds(seconds);

    private Entry? Run(Entry entry, JsonObject cron, DateTimeOffset at)
    {
        // The name holds the time, so that no time is run twice, whatever happens in between.
        var job = PodTemplates.Of(AllKinds.CronJobs, cron, cron.Object("spec", "jobTemplate"));
        job.Child("metadata")["name"] = string.Create(CultureInfo.InvariantCulture, $"{entry.Name}-{at.ToUnixTimeSeconds() / 60}");
        try
        {
            return registry.Create(AllKinds.Jobs, entry.Namespace, job, Writer.Cluster);
        }
        catch (Refusal refused)
        {
            Recorder.Warn(registry, entry, "FailedCreate", refused.Message, "cronjob-controller");
            return null;
        }
    }

    private void Clean(IEnumerable<(Entry Entry, JsonObject Value)> ended, long kept)
    {
        foreach (var (entry, _) in ended.OrderByDescending(job => job.Entry.Uid).Skip((int)Math.Min(kept, int.MaxValue)).Where(job => !job.Entry.Deleting))
        {
            registry.Delete(entry.Kind, entry.Namespace, entry.Name, DeleteOptions.Graceful);
        }
    }

    private void Tell(Entry entry, List<Entry> active, DateTimeOffset? ran, DateTimeOffset? succeeded) =>
        registry.Edit(entry, Writer.ClusterStatus, value =>
        {
            var status = value.Child("status");
            status.SetList("active", [.. active.Select(Reference)]);
            if (ran is { } at)
            {
                status["lastScheduleTime"] = at.Stamp();
            }

            if (succeeded is { } time)
            {
                status["lastSuccessfulTime"] = time.Stamp();
            }
        });

    private static JsonObject Reference(Entry job) => new()
    {
        ["kind"] = job.Kind.Name,
        ["namespace"] = job.Namespace,
        ["name"] = job.Name,
        ["uid"] = job.Uid.ToString(),
        ["apiVersion"] = job.Kind.StoredApiVersion,
    };
}
