using System.Text.Json.Serialization;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Http;

/// <summary>A cluster's access as it comes over the network: the document itself, and nothing of this machine.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AccessRequest
{
    public required string Orchestrator { get; init; }

    public required string Document { get; init; }

    public string? Context { get; init; }

    public string? Space { get; init; }

    public string Owner { get; init; } = "fury";

    public ClusterAccess ToAccess() => new(Orchestrator, Document, null, Context, Space, Owner);

    public override string ToString() => Orchestrator;
}

/// <summary>A pool as it comes over the network; its id is in the path.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PoolRequest
{
    public required string ClientToken { get; init; }

    public required MarksRequest Marks { get; init; }

    public required ReplicaTemplate Template { get; init; }

    public required int Replicas { get; init; }

    public PoolScaling? Scaling { get; init; }

    public int UnavailableMax { get; init; } = 1;

    public PoolWorkload ToWorkload(PoolId pool) => new(pool, ClientToken, Marks.ToMarks(), Template, Replicas, Scaling, UnavailableMax);
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MarksRequest
{
    public required ApplicationName Application { get; init; }

    public required ScopeName Scope { get; init; }

    public required ReleaseId Release { get; init; }

    public WorkloadMarks ToMarks() => new(new(Application, Scope), Release);
}

/// <summary>A job as it comes over the network; its name is in the path.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClusterJobRequest
{
    public required MarksRequest Marks { get; init; }

    public required ReplicaTemplate Template { get; init; }

    public required int Retries { get; init; }

    public required TimeSpan Deadline { get; init; }

    public required TimeSpan KeepFor { get; init; }

    public JobWorkload ToWorkload(string name) => new(name, Marks.ToMarks(), Template, Retries, Deadline, KeepFor);
}

/// <summary>A schedule as it comes over the network; its name is in the path.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClusterScheduleRequest
{
    public required string Cron { get; init; }

    public required string TimeZone { get; init; }

    public required RunConcurrency Concurrency { get; init; }

    public required ClusterJobRequest Run { get; init; }

    public required TimeSpan StartWithin { get; init; }

    public int SucceededKept { get; init; } = 3;

    public int FailedKept { get; init; } = 3;

    public bool IsPaused { get; init; }

    public ScheduleWorkload ToWorkload(string name) =>
        new(name, Cron, TimeZone, Concurrency, Run.ToWorkload(name), StartWithin, SucceededKept, FailedKept, IsPaused);
}

/// <summary>How many replicas.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClusterReplicasRequest
{
    public required int Replicas { get; init; }
}

/// <summary>How many replicas at least.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FloorRequest
{
    public required int Floor { get; init; }
}
