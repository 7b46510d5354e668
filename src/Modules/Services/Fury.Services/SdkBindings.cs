using System.Collections.Frozen;
using Fury.Catalog.Contracts;
using Fury.Services.Moves;

namespace Fury.Services;

/// <summary>Bindings as the catalog has them, and as the SDK has them.</summary>
internal static class SdkBindings
{
    private const string Direct = "direct";

    private static readonly FrozenDictionary<ServiceKind, Sdk.ServiceKind> Kinds =
        Enum.GetValues<ServiceKind>().ToFrozenDictionary(kind => kind, kind => Enum.Parse<Sdk.ServiceKind>(kind.ToString()));

    public static Sdk.ServiceKind ToSdk(this ServiceKind kind) => Kinds[kind];

    public static Sdk.Bindings.ServiceRoute ToSdk(this ServiceRoute route) => new(
        route.Driver, route.Transport, route.Endpoint is null ? null : new Uri(route.Endpoint), route.Region, route.Resource)
    {
        Credential = route.Credential,
        Dialect = route.Dialect,
    };

    /// <summary>What is bound, as the host itself opens it: it goes straight to the provider, whichever way instances go.</summary>
    public static Sdk.Bindings.ServiceBinding ToSdk(this ServiceBinding binding) => new(
        binding.Service.Value, binding.Kind.ToSdk(), binding.Epoch, binding.Route!.ToSdk() with { Transport = Direct })
    {
        Move = binding.Move is { } move
            ? new(move.Target.ToSdk() with { Transport = Direct }, Enum.Parse<Sdk.Bindings.MovePhase>(move.Phase.ToString()))
            : null,
        TokenEpoch = binding.TokenEpoch,
    };

    /// <summary>The binding before the move.</summary>
    public static Sdk.Bindings.ServiceBinding ToSdk(this MoveSource source, BoundService service) => new(
        service.Service.Value, service.Kind.ToSdk(), source.Epoch, source.Route.ToSdk())
    {
        TokenEpoch = source.TokenEpoch,
    };

    public static MoveBinding ToCatalog(this Sdk.Bindings.ServiceBinding binding, string reason, string by) => new(
        binding.Epoch,
        binding.Route.ToCatalog(),
        binding.Move is { } move ? new(move.Target.ToCatalog(), Enum.Parse<MovePhase>(move.Phase.ToString())) : null,
        binding.TokenEpoch ?? binding.Epoch,
        reason,
        by);

    private static ServiceRoute ToCatalog(this Sdk.Bindings.ServiceRoute route) => new(
        route.Driver, route.Transport, route.Endpoint?.OriginalString, route.Region, route.Resource, route.Credential)
    {
        Dialect = route.Dialect,
    };
}
