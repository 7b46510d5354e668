using System.Security.Cryptography;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Catalog.Contracts;

/// <summary>What a probe of the very resource behind a service has shown.</summary>
/// <param name="Fingerprint">Of the route that was probed: it says nothing of another one.</param>
/// <param name="Capabilities">What it can do, as the SDK names it, each with its level: <c>native</c> or <c>emulated</c>.</param>
/// <param name="Limits">Bounds by name with their units, e.g. <c>value.max-bytes</c>.</param>
/// <param name="Shown">Of the capabilities those that the probe has seen at work; for the others the driver's word stands.</param>
/// <param name="Refuted">What the driver says that it can, and what the resource has not done.</param>
public sealed record Attestation(
    ScopeRef Scope,
    ServiceKind Kind,
    ServiceName Service,
    string Fingerprint,
    IReadOnlyDictionary<string, string> Capabilities,
    IReadOnlyDictionary<string, long> Limits,
    IReadOnlyList<string> Shown,
    IReadOnlyList<string> Refuted,
    DateTimeOffset At)
{
    /// <summary>The same for the same route, in hexadecimal digits.</summary>
    public static string FingerprintOf(ServiceRoute route)
    {
        var sorted = route with { Dialect = new SortedDictionary<string, string>(route.Dialect.ToDictionary(), StringComparer.Ordinal) };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(sorted, FuryJson.Options)));
    }

    public bool IsOf(ServiceBinding binding) =>
        (Kind, Service) == (binding.Kind, binding.Service) && binding.Route is { } route && Fingerprint == FingerprintOf(route);
}

/// <summary>Finds out what resources can really do, and keeps it.</summary>
public interface IAttester
{
    /// <summary>
    /// Probes the resource, under keys of its own that are gone afterwards, and keeps what was shown. <see cref="FaultKind.Invalid"/> where this host cannot
    /// reach such a provider at all, <see cref="FaultKind.Unavailable"/> when it did not answer as it must for a probe, or not in time.
    /// </summary>
    Task<Outcome<Attestation>> Attest(ScopeRef scope, ServiceKind kind, ServiceName service, ServiceRoute route, CancellationToken cancellation);

    /// <summary>What is known of the resources of a scope, the newest first.</summary>
    Task<IReadOnlyList<Attestation>> Of(ScopeRef scope, CancellationToken cancellation);
}
