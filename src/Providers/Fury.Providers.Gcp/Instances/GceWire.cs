using Fury.Kernel;
using Fury.Providers.Clouds;

namespace Fury.Providers.Gcp;

/// <summary>The calls of Compute Engine v1 that Fury makes.</summary>
internal sealed class GceWire(GcpWire wire, GcpOptions options)
{
    /// <summary>
    /// Google keeps operations for two weeks, and a filter goes through all of them. Those that match are few, an instance has three or four; a page that
    /// holds none may come before one that does.
    /// </summary>
    private const int OperationPagesMax = 40;

    public Task<Outcome<GceOperation>> Insert(GceName name, object body, Guid requestId, CancellationToken cancellation) => wire.Send<GceOperation>(
        new(
            Target(name.Zone, "insert"),
            HttpMethod.Post,
            At($"zones/{name.Zone}/instances{Query.Of(("requestId", requestId))}"),
            $"make instance '{name}'",
            body)
        { TurnMax = CloudCalls.CreationTurnMax },
        cancellation);

    public Task<Outcome<GceOperation>> Delete(GceName name, Guid requestId, CancellationToken cancellation) => wire.Send<GceOperation>(
        new(
            Target(name.Zone, "delete"),
            HttpMethod.Delete,
            At($"zones/{name.Zone}/instances/{name.Name}{Query.Of(("requestId", requestId))}"),
            $"delete instance '{name}'"),
        cancellation);

    public Task<Outcome<GceInstance>> Get(GceName name, CancellationToken cancellation) => wire.Send<GceInstance>(
        new(Target(name.Zone, "get"), HttpMethod.Get, At($"zones/{name.Zone}/instances/{name.Name}"), $"look at instance '{name}'"), cancellation);

    public Task<Outcome<List<GceInstance>>> Instances(string zone, string filter, CancellationToken cancellation) => wire.All<GceInstance>(
        Target(zone, "list"), At($"zones/{zone}/instances"), $"list the instances of '{zone}'", [("filter", filter)], cancellation);

    /// <summary>The newest first.</summary>
    public Task<Outcome<List<GceOperation>>> Operations(string zone, string filter, CancellationToken cancellation) => wire.All<GceOperation>(
        Target(zone, "operations"),
        At($"zones/{zone}/operations"),
        $"list the operations of '{zone}'",
        [("filter", filter), ("orderBy", "creationTimestamp desc")],
        cancellation,
        OperationPagesMax);

    public Task<Outcome<List<GceMachineType>>> MachineTypes(string zone, CancellationToken cancellation) => wire.All<GceMachineType>(
        Target(zone, "list"), At($"zones/{zone}/machineTypes"), $"list the machine types of '{zone}'", [], cancellation);

    public Task<Outcome<List<GceZone>>> Zones(CancellationToken cancellation) =>
        wire.All<GceZone>("gcp/global/list", At("zones"), "list the zones", [], cancellation);

    /// <summary>Google counts by region and kind of call; a zone's name is its region's and one more part.</summary>
    private static string Target(string zone, string kind) => $"gcp/{zone[..zone.LastIndexOf('-')]}/{kind}";

    private Uri At(string path) => new(options.Endpoint, $"compute/v1/projects/{options.Project}/{path}");
}
