using System.Globalization;
using System.Text.Json;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>
/// Reads the few fields that Fury uses out of an object of the API. What is missing, null or of another type reads as absent: an API server
/// leaves out what is empty, and a new version may add what nobody here knows.
/// </summary>
internal static class Json
{
    public static JsonElement At(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    public static JsonElement At(this JsonElement element, string first, string second) => element.At(first).At(second);

    public static string? Text(this JsonElement element, string name) => element.At(name).Text();

    public static string? Text(this JsonElement element) =>
        element.ValueKind == JsonValueKind.String && element.GetString() is { Length: > 0 } text ? text : null;

    public static int Int(this JsonElement element, string name, int missing = 0) =>
        element.At(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : missing;

    public static bool Is(this JsonElement element, string name) => element.At(name).ValueKind == JsonValueKind.True;

    public static DateTimeOffset? Time(this JsonElement element, string name) =>
        DateTimeOffset.TryParse(element.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.At(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    public static IReadOnlyDictionary<string, string> Map(this JsonElement element, string name) =>
        element.At(name) is { ValueKind: JsonValueKind.Object } map
            ? map.EnumerateObject().Where(entry => entry.Value.ValueKind == JsonValueKind.String)
                .ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!, StringComparer.Ordinal)
            : new Dictionary<string, string>();

    public static string Name(this JsonElement element) => element.At("metadata").Text("name") ?? "";

    public static string? Label(this JsonElement element, string name) => element.At("metadata", "labels").Text(name);

    public static string? Annotation(this JsonElement element, string name) => element.At("metadata", "annotations").Text(name);

    /// <summary>Of an object's status; absent where it has none of that type.</summary>
    public static JsonElement Condition(this JsonElement status, string type) =>
        status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == type);
}
