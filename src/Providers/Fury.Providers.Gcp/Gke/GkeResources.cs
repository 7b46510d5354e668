namespace Fury.Providers.Gcp;

/// <summary>What is read of a cluster of GKE.</summary>
internal sealed record GkeCluster
{
    public string Name { get; init; } = "";

    public string CurrentMasterVersion { get; init; } = "";

    public string Status { get; init; } = "";

    /// <summary>An address without its scheme.</summary>
    public string? Endpoint { get; init; }

    public GkeMasterAuth? MasterAuth { get; init; }
}

/// <param name="ClusterCaCertificate">PEM, as base64.</param>
internal sealed record GkeMasterAuth(string? ClusterCaCertificate);

internal sealed record GkeOperation
{
    public const string UpgradeMaster = "UPGRADE_MASTER";

    public string Name { get; init; } = "";

    public string OperationType { get; init; } = "";

    /// <summary><c>PENDING</c>, <c>RUNNING</c>, <c>ABORTING</c> or <c>DONE</c>; what has failed is done too, and has an error.</summary>
    public string Status { get; init; } = "";

    public string TargetLink { get; init; } = "";

    public GkeStatus? Error { get; init; }
}

internal sealed record GkeStatus(string? Message);

internal sealed record GkeOperations
{
    public IReadOnlyList<GkeOperation> Operations { get; init; } = [];
}
