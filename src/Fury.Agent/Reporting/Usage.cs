using Fury.Agent.Wire;
using Fury.Processes;

namespace Fury.Agent;

/// <summary>What the application uses.</summary>
internal sealed class Usage(AppProcess process, OutOfMemory outOfMemory)
{
    /// <summary>Null while no process runs.</summary>
    public AgentUsage? Now() => process.Session is { } session && SessionUse.All().TryGetValue(session, out var use)
        ? new(use.CpuSeconds, use.MemoryBytes, outOfMemory.Count())
        : null;
}
