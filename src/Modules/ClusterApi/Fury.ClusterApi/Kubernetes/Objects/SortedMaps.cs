using System.Text.Json.Nodes;

namespace Fury.ClusterApi.Kubernetes.Objects;

/// <summary>Maps as JSON that is the same for the same entries, in whatever order they were given.</summary>
internal static class SortedMaps
{
    public static JsonObject ToSortedJson(this IReadOnlyDictionary<string, string> map) =>
        new(map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
}
