using System.Text;
using Fury.Providers.Contracts;

namespace Fury.Providers.Gcp;

/// <summary>Clusters and their upgrades out of GKE's answers. Pure.</summary>
internal static class GkeReading
{
    public static ProviderCluster Cluster(GkeCluster seen, string region, string name) => new(
        region,
        name,
        seen.CurrentMasterVersion,
        seen.Status switch
        {
            "RUNNING" => ProviderClusterState.Running,
            "PROVISIONING" => ProviderClusterState.Creating,
            "RECONCILING" => ProviderClusterState.Updating,
            "STOPPING" => ProviderClusterState.Deleting,
            _ => ProviderClusterState.Failed,
        },
        Uri.TryCreate($"https://{seen.Endpoint}", UriKind.Absolute, out var address) ? address : null,
        Pem(seen.MasterAuth?.ClusterCaCertificate));

    public static ClusterUpgrade Upgrade(GkeOperation seen, string id) => (seen.Status, seen.Error) switch
    {
        ("DONE", null) => new(id, ClusterUpgradeState.Done, null),
        ("DONE", var error) => new(id, ClusterUpgradeState.Failed, error.Message ?? "GKE does not say why."),
        _ => new(id, ClusterUpgradeState.Running, null),
    };

    /// <summary>Whether <paramref name="has"/>, e.g. <c>1.34.1-gke.300</c>, is what is meant by <paramref name="wanted"/>, e.g. <c>1.34</c>.</summary>
    public static bool Is(string has, string wanted) => has == wanted
        || has.StartsWith(wanted + ".", StringComparison.Ordinal)
        || has.StartsWith(wanted + "-", StringComparison.Ordinal);

    private static string? Pem(string? data)
    {
        var bytes = new byte[data?.Length ?? 0];
        return data is { Length: > 0 } && Convert.TryFromBase64String(data, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
