using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Objects;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>From a Job to a job in neutral words. Pure.</summary>
internal static class JobReading
{
    public static ClusterJob Read(JsonElement job)
    {
        var status = job.At("status");
        var failed = status.Condition("Failed");
        var phase = status.Condition("Complete").Text("status") == "True" ? JobPhase.Succeeded
            : failed.Text("status") == "True" ? JobPhase.Failed
            : JobPhase.Running;
        return new ClusterJob(
            job.Label(Marks.Job) ?? job.Name(),
            job.Label(Marks.Schedule),
            Marks.Read(job),
            phase,
            status.Int("active"),
            status.Int("failed"),
            status.Time("startTime"),
            status.Time("completionTime") ?? (phase == JobPhase.Failed ? failed.Time("lastTransitionTime") : null),
            phase == JobPhase.Failed ? Reason(failed) : null);
    }

    private static string Reason(JsonElement failed) => failed.Text("reason") switch
    {
        "BackoffLimitExceeded" => "It has failed more often than it may.",
        "DeadlineExceeded" => "It took longer than it may.",
        var reason => failed.Text("message") ?? reason ?? "It has failed.",
    };
}
