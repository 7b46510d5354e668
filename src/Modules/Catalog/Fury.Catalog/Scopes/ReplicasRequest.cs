using System.Text.Json.Serialization;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Scopes;

/// <summary>How many replicas a scope has from now on.</summary>
/// <param name="MinReplicas">1 to 1000.</param>
/// <param name="MaxReplicas">At least <paramref name="MinReplicas"/>, and as many when absent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ReplicasRequest(int? MinReplicas, int? MaxReplicas = null)
{
    /// <summary>The scope with them, and otherwise as it is.</summary>
    public Outcome<Scope> Of(Scope scope)
    {
        var validation = new Validation();
        validation.Require(MinReplicas is >= 1 and <= ScopeRequest.ReplicasMax, MinReplicas, $"1 to {ScopeRequest.ReplicasMax}");
        var max = MaxReplicas ?? MinReplicas;
        validation.Require(max >= MinReplicas && max <= ScopeRequest.ReplicasMax, MaxReplicas, $"minReplicas to {ScopeRequest.ReplicasMax}");
        return validation.Fault is { } fault ? fault
            : scope.Scaling is not null ? Fault.Conflict($"The size of {scope.Ref} follows the clock or requests. Change its scaling instead.")
            : scope with { MinReplicas = MinReplicas!.Value, MaxReplicas = max!.Value };
    }
}
