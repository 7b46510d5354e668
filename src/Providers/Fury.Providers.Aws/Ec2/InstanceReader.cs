using System.Xml.Linq;
using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Aws.Ec2;

/// <summary>Instances out of EC2's answers. Pure.</summary>
internal static class InstanceReader
{
    private const string ToldTo = "Client.UserInitiatedShutdown";

    /// <param name="holder">Holds an <c>instancesSet</c>: the answer to a creation, or one of the reservations that are described.</param>
    public static IEnumerable<ProviderInstance> Read(XElement holder) =>
        from item in holder.Items("instancesSet")
        let id = item.Text("instanceId")
        where id is not null
        select Read(item, id);

    private static ProviderInstance Read(XElement item, string id)
    {
        var state = State(item.Child("instanceState").Text("name"));
        var failure = state is ProviderInstanceState.Stopping or ProviderInstanceState.Stopped ? Failure(item.Child("stateReason")) : null;
        return new(
            id,
            item.Text("clientToken") ?? "",
            state,
            item.Text("privateIpAddress"),
            Port: 0,
            Restarts: 0,
            state switch
            {
                ProviderInstanceState.Running => null,
                ProviderInstanceState.Pending => "It is booting.",
                _ => failure?.Message ?? (state == ProviderInstanceState.Stopping ? "It is being stopped." : "It was stopped."),
            },
            item.Items("tagSet").Where(tag => tag.Text("key") is not null).ToDictionary(tag => tag.Text("key")!, tag => tag.Text("value") ?? ""))
        {
            Zone = item.Child("placement").Text("availabilityZone"),
            Type = item.Text("instanceType"),
            Market = item.Text("instanceLifecycle") == "spot" ? Market.Spot : Market.OnDemand,
            Failure = failure,
        };
    }

    /// <summary>One that is <c>stopped</c> could be started again; Fury asks for none that could, so for it that is an end too.</summary>
    private static ProviderInstanceState State(string? name) => name switch
    {
        "running" => ProviderInstanceState.Running,
        "shutting-down" or "stopping" => ProviderInstanceState.Stopping,
        "terminated" or "stopped" => ProviderInstanceState.Stopped,
        _ => ProviderInstanceState.Pending,
    };

    /// <summary>Null where somebody asked for its end by the API, or nothing is known.</summary>
    private static Fault? Failure(XElement? reason)
    {
        var code = reason.Text("code");
        var message = $"AWS ended it: {reason.Text("message") ?? code}";
        return code switch
        {
            null or ToldTo => null,
            "Server.SpotInstanceTermination" or "Server.SpotInstanceShutdown" or "Server.InsufficientInstanceCapacity" => CloudFaults.NoCapacity(message),
            "Client.VolumeLimitExceeded" => CloudFaults.Quota(message),
            "Client.InternalError" or "Client.InvalidSnapshot.NotFound" => Fault.Invalid(message),
            _ => Fault.Unavailable(message),
        };
    }
}
