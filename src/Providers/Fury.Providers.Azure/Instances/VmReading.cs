using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Azure;

/// <summary>From what Azure tells of a virtual machine to what it is as an instance. Pure.</summary>
internal static class VmReading
{
    private const string Power = "PowerState/";
    private const string Failed = "ProvisioningState/failed/";
    private const string Spot = "Spot";

    /// <param name="view">What it does now, which a list does not tell.</param>
    /// <param name="address">Null: none is known.</param>
    public static ProviderInstance Of(AzureVm seen, AzureInstanceView view, string? address)
    {
        var power = PowerOf(view);
        var state = StateOf(seen.Properties.ProvisioningState, power);
        var failure = seen.Properties.ProvisioningState == "Deleting" ? null : FailureOf(seen, view, state, power);
        return new(
            seen.Name,
            Tag(seen, VmBody.TokenTag) ?? "",
            state,
            address,
            Port: 0,
            Restarts: 0,
            state == ProviderInstanceState.Running ? null
                : failure?.Message ?? $"Its state is {seen.Properties.ProvisioningState}{(power is null ? "" : $", {power}")}.",
            seen.Tags.Where(tag => tag.Key is not (VmBody.RequestTag or VmBody.TokenTag)).ToDictionary())
        {
            Zone = seen.Zones is [var zone, ..] ? zone : null,
            Type = seen.Properties.HardwareProfile.VmSize,
            Market = seen.Properties.Priority == Spot ? Market.Spot : Market.OnDemand,
            Failure = failure,
        };
    }

    /// <summary>As it is when its creation was taken.</summary>
    public static ProviderInstance Asked(string name, string? zone, InstanceRequest request) =>
        new(name, request.ClientToken, ProviderInstanceState.Pending, null, Port: 0, Restarts: 0, "It is being made.", request.Tags)
        {
            Zone = zone,
            Type = request.Type,
            Market = request.Market,
        };

    /// <param name="power">E.g. <c>running</c>; null: there is no machine yet.</param>
    public static ProviderInstanceState StateOf(string provisioning, string? power) => (provisioning, power) switch
    {
        ("Deleting", _) => ProviderInstanceState.Stopping,
        (_, "running") => ProviderInstanceState.Running,
        (_, "stopping" or "deallocating") => ProviderInstanceState.Stopping,
        (_, "stopped" or "deallocated") => ProviderInstanceState.Stopped,
        ("Failed", _) => ProviderInstanceState.Stopped,
        _ => ProviderInstanceState.Pending,
    };

    /// <summary>Since when it has been as it is; null where nobody says.</summary>
    public static DateTimeOffset? Since(AzureInstanceView view) => view.Statuses.Max(status => status.Time);

    /// <summary>Their names are written with other capitals at times.</summary>
    public static string? Tag(AzureVm seen, string name) =>
        seen.Tags.FirstOrDefault(tag => tag.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static string? PowerOf(AzureInstanceView view) =>
        view.Statuses.FirstOrDefault(status => status.Code.StartsWith(Power, StringComparison.Ordinal))?.Code[Power.Length..];

    private static Fault? FailureOf(AzureVm seen, AzureInstanceView view, ProviderInstanceState state, string? power)
    {
        if (state is not (ProviderInstanceState.Stopping or ProviderInstanceState.Stopped))
        {
            return null;
        }

        var failed = view.Statuses.FirstOrDefault(status => status.Code.StartsWith(Failed, StringComparison.OrdinalIgnoreCase));
        return failed is not null ? AzureFaults.OfState(failed.Code[Failed.Length..], failed.Message, seen.Name)
            : seen.Properties.ProvisioningState == "Failed" ? Fault.Unavailable($"Azure could not make instance '{seen.Name}', and does not say why.")
            : seen.Properties.Priority == Spot && power is "deallocating" or "deallocated" ? CloudFaults.NoCapacity("Azure has taken the spot instance back.")
            : Fault.Unavailable("Its operating system has shut itself down, or somebody has stopped it.");
    }
}
