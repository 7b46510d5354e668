using Fury.Kernel;

namespace Fury.Providers.Contracts;

/// <summary>
/// What a cloud must offer for the managed clusters that it runs: to be found, to be spoken to, and to move on to another version. Errors are typed as those
/// of <see cref="IInstanceProvider"/>; an upgrade that the cloud refuses as it stands is <see cref="FaultKind.Invalid"/> or <see cref="FaultKind.Conflict"/>.
/// </summary>
public interface IClusterProvider
{
    /// <summary>As <see cref="IInstanceProvider.Name"/>.</summary>
    string Name { get; }

    /// <inheritdoc cref="IInstanceProvider.Regions"/>
    IReadOnlyList<string> Regions { get; }

    /// <param name="name">As the cloud knows it.</param>
    Task<Outcome<ProviderCluster>> Describe(string region, string name, CancellationToken cancellation);

    /// <summary>
    /// Begins to move the control plane to the version, and gives the id to ask for with <see cref="Upgrading"/>. The same wish again while it is under way
    /// gives an id too; a cluster that has the version already, or is busy with something else, is a conflict.
    /// </summary>
    /// <param name="version">Major and minor, e.g. <c>1.34</c>, or as exact as the cloud names its versions.</param>
    Task<Outcome<string>> Upgrade(string region, string name, string version, CancellationToken cancellation);

    /// <param name="id">Given by <see cref="Upgrade"/>.</param>
    Task<Outcome<ClusterUpgrade>> Upgrading(string id, CancellationToken cancellation);

    /// <summary>A token with which the cluster's API takes the caller for who this provider is.</summary>
    Task<Outcome<ClusterToken>> Token(string region, string name, CancellationToken cancellation);
}

/// <summary>A managed cluster as its cloud tells it.</summary>
/// <param name="Version">Of its control plane, as the cloud writes it.</param>
/// <param name="Endpoint">Of its API, an https address; null while it has none.</param>
/// <param name="Authorities">Who signed the certificate of its API, in PEM; null while there is none.</param>
public sealed record ProviderCluster(
    string Region, string Name, string Version, ProviderClusterState State, Uri? Endpoint, string? Authorities);

public enum ProviderClusterState
{
    Creating,
    Running,

    /// <summary>Its cloud changes it; its API answers meanwhile.</summary>
    Updating,
    Deleting,

    /// <summary>It does not work, or not rightly.</summary>
    Failed,
}

/// <param name="Reason">Why it has failed, in one sentence; null otherwise.</param>
public sealed record ClusterUpgrade(string Id, ClusterUpgradeState State, string? Reason);

public enum ClusterUpgradeState
{
    Running,
    Done,
    Failed,
}

/// <summary>A secret. A class, since a record prints its members.</summary>
public sealed class ClusterToken(string value, DateTimeOffset expiresAt)
{
    public string Value => value;

    public DateTimeOffset ExpiresAt => expiresAt;
}
