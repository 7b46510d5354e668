namespace Fury.LocalCluster;

/// <summary>What a caller wants to see of a container's output.</summary>
/// <param name="Tail">Lines from the end; null for all.</param>
internal sealed record LogQuery(string Container, long? Tail, bool Follow, bool Timestamps, bool Previous);

/// <summary>Where the output of pods is.</summary>
internal interface IPodLogs
{
    /// <summary>The lines, then new ones while it is followed and the pod runs.</summary>
    IAsyncEnumerable<string> Read(Entry pod, LogQuery query, CancellationToken cancellation);
}

/// <summary>Pods that do not run write nothing.</summary>
internal sealed class NoLogs : IPodLogs
{
    public async IAsyncEnumerable<string> Read(
        Entry pod, LogQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        yield break;
    }
}
