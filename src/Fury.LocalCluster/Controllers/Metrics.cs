using System.Collections.Concurrent;

namespace Fury.LocalCluster;

/// <summary>What the pods of a cluster use, as its autoscalers and its metrics API see it. Set by tests, or measured where pods are processes.</summary>
public sealed class Metrics
{
    private readonly ConcurrentDictionary<string, (int CpuMillis, long MemoryBytes)> _byPod = new();

    /// <summary>Asked by namespace and name for pods for which nothing is set; null for a use that is not known.</summary>
    public Func<string, string, (int CpuMillis, long MemoryBytes)?>? Source { get; set; }

    /// <summary>Sets what a pod uses from now on.</summary>
    public void Set(string ns, string pod, int cpuMillis, long memoryBytes = 0) => _byPod[$"{ns}/{pod}"] = (cpuMillis, memoryBytes);

    /// <summary>Nothing is set any more; the source stays.</summary>
    public void Clear() => _byPod.Clear();

    internal (int CpuMillis, long MemoryBytes)? Of(string ns, string pod) =>
        _byPod.TryGetValue($"{ns}/{pod}", out var usage) ? usage : Source?.Invoke(ns, pod);
}
