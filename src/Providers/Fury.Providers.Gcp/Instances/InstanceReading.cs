using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Gcp;

/// <summary>From what Compute Engine tells of an instance, and of what was done to it, to what it is. Pure.</summary>
internal static class InstanceReading
{
    private const string Insert = "insert";
    private const string Delete = "delete";
    private const string Preempted = "compute.instances.preempted";

    /// <summary>What ends an instance and was not asked for by Fury, with what it is called for people.</summary>
    private static readonly Dictionary<string, string> Ends = new()
    {
        ["compute.instances.guestTerminate"] = "Its operating system has shut itself down.",
        ["compute.instances.hostError"] = "The machine that it was on has failed.",
        ["compute.instances.systemEventTerminate"] = "Google has ended it.",
        ["stop"] = "Somebody has stopped it.",
        ["suspend"] = "Somebody has suspended it.",
    };

    public static ProviderInstanceState StateOf(string status) => status switch
    {
        "PROVISIONING" or "STAGING" => ProviderInstanceState.Pending,
        "RUNNING" => ProviderInstanceState.Running,
        "REPAIRING" => ProviderInstanceState.Crashed,
        "STOPPING" or "SUSPENDING" or "PENDING_STOP" or "DEPROVISIONING" => ProviderInstanceState.Stopping,
        "TERMINATED" or "SUSPENDED" => ProviderInstanceState.Stopped,
        _ => ProviderInstanceState.Pending,
    };

    /// <param name="operations">On this instance, in any order, where they are needed; see <see cref="NeedsReason"/>.</param>
    public static ProviderInstance Of(GceInstance seen, IReadOnlyList<GceOperation> operations)
    {
        var state = StateOf(seen.Status);
        var failure = NeedsReason(seen) ? FailureOf(operations) : null;
        return new(
            new GceName(Last(seen.Zone), seen.Name).ToString(),
            seen.Metadata.Find(Labels.TokenItem) ?? "",
            state,
            seen.NetworkInterfaces is [{ NetworkIP: { } address }, ..] ? address : null,
            Port: 0,
            Restarts: 0,
            state == ProviderInstanceState.Running ? null : failure?.Message ?? seen.StatusMessage ?? $"Its state is {seen.Status}.",
            Labels.Tags(seen.Metadata))
        {
            Zone = Last(seen.Zone),
            Type = Last(seen.MachineType),
            Market = seen.Scheduling.ProvisioningModel == "SPOT" ? Market.Spot : Market.OnDemand,
            Failure = failure,
        };
    }

    /// <summary>True for one that stops or has stopped: only its operations tell why.</summary>
    public static bool NeedsReason(GceInstance seen) => StateOf(seen.Status) is ProviderInstanceState.Stopping or ProviderInstanceState.Stopped;

    /// <summary>Of one that Compute Engine does not have (any more, or yet): null where nothing was ever done to it, or it went as it should.</summary>
    public static ProviderInstance? OfMissing(GceName name, IReadOnlyList<GceOperation> operations) =>
        FailureOf(operations) is { } failure ? Bare(name, ProviderInstanceState.Stopped, failure, failure.Message)
        : Made(operations) is { Status: not GceOperation.Done } ? Bare(name, ProviderInstanceState.Pending, null, "It is being made.")
        : null;

    /// <summary>Its creation, where that was taken, has not failed, and nothing has ended it since; null otherwise.</summary>
    public static GceOperation? Made(IReadOnlyList<GceOperation> operations) =>
        FirstEnd(operations) is null ? operations.FirstOrDefault(one => one.OperationType == Insert && one.Error is null) : null;

    /// <summary>As it is when its creation was taken.</summary>
    public static ProviderInstance Asked(GceName name, InstanceRequest request) =>
        Bare(name, ProviderInstanceState.Pending, null, "It is being made.") with
        {
            ClientToken = request.ClientToken,
            Tags = request.Tags,
            Type = request.Type,
            Market = request.Market,
        };

    /// <summary>The last part of an address.</summary>
    public static string Last(string link) => link[(link.LastIndexOf('/') + 1)..];

    /// <summary>Why it ended. What came first counts: an instance that was told to go may still be taken back on its way.</summary>
    private static Fault? FailureOf(IReadOnlyList<GceOperation> operations) => FirstEnd(operations) switch
    {
        null => operations.FirstOrDefault(one => one.OperationType == Insert && one.Error is not null) is { } failed
            ? GcpFaults.Of(failed.Error!, $"make instance '{Last(failed.TargetLink)}'")
            : null,
        { OperationType: Delete } => null,
        { OperationType: Preempted } => CloudFaults.NoCapacity("Google has taken the spot instance back."),
        var end => Fault.Unavailable(Ends[end.OperationType]),
    };

    private static GceOperation? FirstEnd(IReadOnlyList<GceOperation> operations) => operations
        .Where(one => one.Error is null && (one.OperationType is Delete or Preempted || Ends.ContainsKey(one.OperationType)))
        .MinBy(one => one.InsertTime);

    private static ProviderInstance Bare(GceName name, ProviderInstanceState state, Fault? failure, string reason) =>
        new(name.ToString(), "", state, null, Port: 0, Restarts: 0, reason, new Dictionary<string, string>()) { Zone = name.Zone, Failure = failure };
}
