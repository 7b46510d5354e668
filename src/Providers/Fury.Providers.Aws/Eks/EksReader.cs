using System.Text;
using System.Text.Json;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Aws.Eks;

/// <summary>Clusters and their updates out of EKS's answers. Pure.</summary>
internal static class EksReader
{
    private static readonly Fault Strange = Fault.Unavailable("AWS EKS answered without what it was asked for.");

    public static JsonElement? Parse(string body)
    {
        try
        {
            return JsonElement.Parse(body) is { ValueKind: JsonValueKind.Object } root ? root : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static Outcome<ProviderCluster> Cluster(JsonElement body, string region)
    {
        var cluster = At(body, "cluster");
        if (Text(cluster, "name") is not { } name || Text(cluster, "version") is not { } version || Text(cluster, "status") is not { } status)
        {
            return Strange;
        }

        return new ProviderCluster(
            region, name, version, State(status), Address(Text(cluster, "endpoint")), Pem(Text(At(cluster, "certificateAuthority"), "data")));
    }

    public static Outcome<string> UpdateId(JsonElement body) => Text(At(body, "update"), "id") is { } id ? id : Strange;

    public static Outcome<List<string>> UpdateIds(JsonElement body) => At(body, "updateIds") is { ValueKind: JsonValueKind.Array } ids
        ? ids.EnumerateArray().Select(id => id.GetString()).OfType<string>().ToList()
        : Strange;

    /// <summary>Whether the update moves the cluster to the version, now.</summary>
    public static bool IsUnderWay(JsonElement body, string version)
    {
        var update = At(body, "update");
        return Text(update, "type") == "VersionUpdate"
            && Text(update, "status") == "InProgress"
            && Items(update, "params").Any(item => Text(item, "type") == "Version" && Text(item, "value") == version);
    }

    public static Outcome<ClusterUpgrade> Upgrade(JsonElement body, string id)
    {
        var update = At(body, "update");
        return Text(update, "status") switch
        {
            "InProgress" => new ClusterUpgrade(id, ClusterUpgradeState.Running, null),
            "Successful" => new ClusterUpgrade(id, ClusterUpgradeState.Done, null),
            "Failed" => new ClusterUpgrade(id, ClusterUpgradeState.Failed, Why(update)),
            "Cancelled" => new ClusterUpgrade(id, ClusterUpgradeState.Failed, "It was cancelled."),
            _ => Strange,
        };
    }

    private static string Why(JsonElement update) =>
        string.Join(' ', Items(update, "errors").Select(error => $"{Text(error, "errorCode")}: {Text(error, "errorMessage")}")) is { Length: > 0 } told
            ? told
            : "EKS does not say why.";

    private static ProviderClusterState State(string status) => status switch
    {
        "ACTIVE" => ProviderClusterState.Running,
        "UPDATING" => ProviderClusterState.Updating,
        "DELETING" => ProviderClusterState.Deleting,
        "CREATING" or "PENDING" => ProviderClusterState.Creating,
        _ => ProviderClusterState.Failed,
    };

    private static Uri? Address(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var address) ? address : null;

    private static string? Pem(string? data)
    {
        var bytes = new byte[data?.Length ?? 0];
        return data is { Length: > 0 } && Convert.TryFromBase64String(data, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static JsonElement At(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement parent, string name) => At(parent, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        At(parent, name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : default;
}
