using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fury.Cli.Project;

/// <param name="Field">Its path, e.g. <c>scaling.spot.percent</c>.</param>
/// <param name="Old">As JSON; null when there is none.</param>
/// <param name="New">As JSON; null when it is taken away.</param>
internal sealed record Difference(string Field, string? Old, string? New);

/// <summary>What is wished against what is there. What a wish does not say is as it is, and stays so; null in a wish is nothing. Pure.</summary>
internal static class Differences
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<Difference> Between(Shape shape, JsonNode? wish, JsonNode? there) => [.. Of(shape, wish, there, "")];

    /// <summary>What is there with what is wished in its place.</summary>
    public static JsonNode? Merge(Shape shape, JsonNode? wish, JsonNode? there)
    {
        if (shape is not Fields fields || wish is not JsonObject said || there is not JsonObject before)
        {
            return wish?.DeepClone();
        }

        var merged = new JsonObject();
        foreach (var (name, of) in fields.All)
        {
            var value = said.ContainsKey(name) ? Merge(of, said[name], before[name]) : before[name]?.DeepClone();
            if (value is not null)
            {
                merged[name] = value;
            }
        }

        return merged;
    }

    /// <summary>Of an answer of the host only what the shape knows.</summary>
    public static JsonNode? Known(Shape shape, JsonNode? answer) => (shape, answer) switch
    {
        (Fields fields, JsonObject all) => new JsonObject(fields.All
            .Where(one => all[one.Name] is not null)
            .Select(one => KeyValuePair.Create(one.Name, Known(one.Shape, all[one.Name])))),
        (Many many, JsonArray list) => new JsonArray([.. list.Select(one => Known(many.Of, one))]),
        _ => answer?.DeepClone(),
    };

    private static IEnumerable<Difference> Of(Shape shape, JsonNode? wish, JsonNode? there, string path) => shape switch
    {
        { IsWriteOnly: true } => [],
        Fields fields when wish is JsonObject said && there is JsonObject or null =>
            said.SelectMany(one => Of(fields.Find(one.Key)!, one.Value, there?[one.Key], Join(path, one.Key))),
        Named named when wish is JsonObject said && there is JsonObject or null =>
            said.Select(one => one.Key).Union((there as JsonObject ?? []).Select(one => one.Key)).Order(StringComparer.Ordinal)
                .SelectMany(key => Of(named.Of, said[key], there?[key], Join(path, key))),
        _ => Same(shape, wish, there) ? [] : [new Difference(path, Written(there), Written(wish))],
    };

    private static bool Same(Shape shape, JsonNode? wish, JsonNode? there) => (shape, wish, there) switch
    {
        // A list or a mapping of nothing is left out by some, and written by others.
        (_, null, null) => true,
        (Many, JsonArray { Count: 0 }, null) or (Many, null, JsonArray { Count: 0 }) => true,
        (Named, JsonObject { Count: 0 }, null) or (Named, null, JsonObject { Count: 0 }) => true,
        (_, null, _) or (_, _, null) => false,
        (Many { IsSet: true }, JsonArray one, JsonArray other) =>
            one.Select(Written).ToHashSet().SetEquals(other.Select(Written)),
        (Many many, JsonArray one, JsonArray other) =>
            one.Count == other.Count && one.Zip(other).All(pair => !Of(many.Of, pair.First, pair.Second, "").Any()),
        (Moment, JsonValue one, JsonValue other) => Time(one) == Time(other),
        (Number, JsonValue one, JsonValue other) => Double(one).Equals(Double(other)),
        _ => JsonNode.DeepEquals(wish, there),
    };

    private static string? Written(JsonNode? node) => node switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => node.ToJsonString(Plain),
    };

    private static DateTimeOffset Time(JsonValue value) => DateTimeOffset.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture);

    private static double Double(JsonValue value) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
