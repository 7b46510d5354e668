using Fury.Agent.Wire;
using Fury.Kernel;

namespace Fury.Compute.Standard.Agents;

/// <summary>Who hears what agents tell of their instances.</summary>
internal interface IAgentReports
{
    /// <summary>
    /// A report that is signed by its lot and well formed. Reports of one instance come in any order and more than once; an older one than the newest
    /// known is a success that changes nothing. <see cref="FaultKind.NotFound"/>: no such instance is known, so the agent need not tell it again soon.
    /// </summary>
    Task<Outcome> Take(AgentReport report, CancellationToken cancellation);
}
