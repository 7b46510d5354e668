using Microsoft.Extensions.Logging;

namespace Fury.Sdk.Bindings;

/// <summary>What sources of bindings have in common.</summary>
internal static partial class Following
{
    /// <summary>The needs that none of these bindings is for, as people read them.</summary>
    public static IReadOnlyList<string> Missing(IReadOnlyList<ServiceBinding> bindings, IReadOnlyList<ServiceNeed> needs) =>
        [.. needs.Where(need => !bindings.Any(one => Is(one, need))).Select(need => $"{need.Name} ({BindingsFile.WordOf(need.Kind)})")];

    /// <summary>Those of the bindings that are needed.</summary>
    public static IReadOnlyList<ServiceBinding> Needed(IReadOnlyList<ServiceBinding> bindings, IReadOnlyList<ServiceNeed> needs) =>
        [.. bindings.Where(one => needs.Any(need => Is(one, need)))];

    public static void Tell(ILogger log, ServiceBinding binding, FuryException? refusal)
    {
        if (refusal is null)
        {
            InForce(log, binding.Service, binding.Route.Driver, binding.Epoch);
        }
        else
        {
            Refused(log, binding.Service, binding.Epoch, refusal.Message);
        }
    }

    private static bool Is(ServiceBinding binding, ServiceNeed need) => (binding.Kind, binding.Service) == (need.Kind, need.Name);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} is bound to {Driver} from epoch {Epoch} on")]
    private static partial void InForce(ILogger log, string service, string driver, long epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The binding of {Service} of epoch {Epoch} is refused, and what was bound before stays: {Why}")]
    private static partial void Refused(ILogger log, string service, long epoch, string why);
}
