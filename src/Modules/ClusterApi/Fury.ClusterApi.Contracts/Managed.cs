using Fury.Kernel;

namespace Fury.ClusterApi.Contracts;

/// <summary>A cluster that a provider runs, by that provider's name of it.</summary>
public sealed record ManagedCluster(string Provider, string Region, string Name)
{
    public override string ToString() => $"{Provider}/{Region}/{Name}";
}

/// <summary>
/// Where managed clusters answer, and what proves to them who Fury is. Asked of their providers, so that no document with secrets and no program of
/// another's is needed. What does not exist is <see cref="FaultKind.NotFound"/>; a provider that this host does not have, <see cref="FaultKind.Invalid"/>.
/// </summary>
public interface IManagedClusters
{
    /// <summary>May be asked every second: what was answered is kept for a while.</summary>
    Task<Outcome<ManagedAddress>> Find(ManagedCluster cluster, CancellationToken cancellation);

    Task<Outcome<ManagedPass>> Pass(ManagedCluster cluster, CancellationToken cancellation);
}

/// <param name="Server">Of its API, an https address.</param>
/// <param name="Authorities">Who signed the certificate of its API, in PEM.</param>
public sealed record ManagedAddress(Uri Server, string Authorities);

/// <summary>A bearer token. A class, since a record prints its members.</summary>
public sealed class ManagedPass(string token, DateTimeOffset expiresAt)
{
    public string Token => token;

    public DateTimeOffset ExpiresAt => expiresAt;
}
