namespace Fury.Kernel;

/// <summary>Which engine runs a scope.</summary>
public enum ComputeKind
{
    /// <summary>One replica is one instance of a provider.</summary>
    Standard,

    /// <summary>Replicas are pods in one of many clusters.</summary>
    Serverless,
}

/// <summary>How much an outage of it hurts, low to high: of a workload, and of the clusters that are kept for such workloads.</summary>
public enum Criticality
{
    Low,
    Medium,
    High,
    Critical,
}

/// <summary>What kind of work is done; clusters are kept for some kinds.</summary>
public enum WorkloadType
{
    /// <summary>Answers requests.</summary>
    Web,

    /// <summary>Takes its work from queues.</summary>
    Worker,

    /// <summary>Runs to its end.</summary>
    Job,
}

/// <summary>Something that can be started.</summary>
/// <param name="Uri">Where Fury keeps its copy, e.g. <c>file:///…/artifacts/sha256-…</c> (a folder). Its content never changes.</param>
/// <param name="Digest">SHA-256 of the content, <c>sha256:</c> and 64 hex digits.</param>
/// <param name="Command">The executable, relative to <paramref name="Uri"/>.</param>
/// <param name="Arguments">Passed as they are; no shell reads them.</param>
public sealed record Artifact(string Uri, string Digest, string Command, IReadOnlyList<string> Arguments)
{
    /// <summary>What it runs on; none: on any.</summary>
    public IReadOnlyList<Architecture> Architectures { get; init; } = [];
}

/// <summary>What machines a program is made for.</summary>
public enum Architecture
{
    Amd64,
    Arm64,
}

/// <summary>What one replica gets.</summary>
/// <param name="CpuMillis">Thousandths of a core, 50 to 64000.</param>
/// <param name="MemoryMiB">Mebibytes, 32 to 524288.</param>
public sealed record InstanceSize(int CpuMillis, int MemoryMiB);
