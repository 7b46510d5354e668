namespace Fury.LocalCluster;

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
