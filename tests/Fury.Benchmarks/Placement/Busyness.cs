using System.Diagnostics;
using Fury.Benchmarks.Monster;

namespace Fury.Benchmarks.Placement;

/// <summary>How much of the machine others had since it was made.</summary>
internal sealed class Busyness
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly TimeSpan _machine = Proc.MachineCpu();
    private readonly TimeSpan _own = Environment.CpuUsage.TotalTime;

    /// <summary>The share of all processors that went to other processes than this one.</summary>
    public double Foreign() => Math.Max(
        0,
        (Proc.MachineCpu() - _machine - (Environment.CpuUsage.TotalTime - _own)) / Stopwatch.GetElapsedTime(_begun) / Environment.ProcessorCount);
}
