using System.Text.Json.Serialization;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Scopes;

/// <summary>What a caller says of a scope. Whatever is absent has its default.</summary>
/// <param name="Compute">standard (when absent) or serverless.</param>
/// <param name="Criticality">low (when absent), medium, high or critical.</param>
/// <param name="Workload">web (when absent), worker or job.</param>
/// <param name="MinReplicas">1 when absent.</param>
/// <param name="MaxReplicas">As many as <paramref name="MinReplicas"/> when absent.</param>
/// <param name="HealthPath">/health when absent.</param>
/// <param name="Scaling">The size follows neither the clock nor requests when absent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScopeRequest(
    string? Compute,
    string? Criticality,
    string? Workload,
    SizeRequest? Size,
    int? MinReplicas,
    int? MaxReplicas,
    IReadOnlyDictionary<string, string?>? Environment,
    string? HealthPath,
    ScalingRequest? Scaling = null)
{
    public const int ReplicasMax = 1000;
    public const int HealthPathLengthMax = 200;

    /// <summary>The scope it describes, of revision 1, or a fault with every bad field.</summary>
    public Outcome<Scope> Read(string? application, string? scope, DateTimeOffset now)
    {
        var validation = new Validation();
        var applicationName = validation.Name<ApplicationName>(application);
        var scopeName = validation.Name<ScopeName>(scope);
        var compute = validation.Choice(Compute, ComputeKind.Standard);
        var criticality = validation.Choice(Criticality, Kernel.Criticality.Low);
        var workload = validation.Choice(Workload, WorkloadType.Web);
        var size = new InstanceSize(Size?.CpuMillis ?? 250, Size?.MemoryMiB ?? 256);
        validation.Require(size.CpuMillis is >= 50 and <= 64_000, size.CpuMillis, "50 to 64000 (thousandths of a core)");
        validation.Require(size.MemoryMiB is >= 32 and <= 524_288, size.MemoryMiB, "32 to 524288 (MiB)");
        var minReplicas = MinReplicas ?? 1;
        var maxReplicas = MaxReplicas ?? minReplicas;
        validation.Require(minReplicas is >= 1 and <= ReplicasMax, minReplicas, $"1 to {ReplicasMax}");
        validation.Require(maxReplicas is >= 1 and <= ReplicasMax && maxReplicas >= minReplicas, maxReplicas,
            $"minReplicas to {ReplicasMax}");
        var environment = validation.Environment(Environment);
        var healthPath = HealthPath ?? "/health";
        validation.Require(healthPath.StartsWith('/') && healthPath.Length <= HealthPathLengthMax && healthPath.All(IsPathCharacter),
            healthPath, $"a path such as /health: visible ASCII without #, at most {HealthPathLengthMax} characters");
        var scaling = Scaling?.Read(validation, maxReplicas);
        var isStandard = compute == ComputeKind.Standard;
        validation.Require(isStandard || scaling?.Autoscale is null, "a policy", "absent for serverless, whose clusters scale by CPU", "scaling.autoscale");
        validation.Require(isStandard || scaling?.Spot is null, "a share", "absent for serverless, whose replicas are no instances", "scaling.spot");
        return validation.Fault is { } fault
            ? fault
            : new Scope(new(applicationName, scopeName), compute, criticality, workload, size, minReplicas, maxReplicas, environment, healthPath,
                1, now)
            {
                Scaling = scaling,
            };
    }

    private static bool IsPathCharacter(char character) => character is > ' ' and < (char)0x7f and not '#';
}

/// <summary>What one replica gets.</summary>
/// <param name="CpuMillis">Thousandths of a core, 50 to 64000; 250 when absent.</param>
/// <param name="MemoryMiB">32 to 524288; 256 when absent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SizeRequest(int? CpuMillis, int? MemoryMiB);
