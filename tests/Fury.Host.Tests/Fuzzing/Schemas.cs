using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fury.Host.Tests.Fuzzing;

/// <summary>What an OpenAPI document says of the shape of JSON, as far as ours says anything.</summary>
internal sealed class Schemas(JsonObject document)
{
    public JsonObject Document => document;

    public JsonObject Resolve(JsonNode schema)
    {
        while (schema["$ref"]?.GetValue<string>() is { } reference)
        {
            schema = document["components"]!["schemas"]![reference.Split('/')[^1]]!;
        }

        return schema.AsObject();
    }

    /// <summary>The ways that a value may be: one, or those of <c>oneOf</c>.</summary>
    public IReadOnlyList<JsonObject> Ways(JsonNode schema)
    {
        var resolved = Resolve(schema);
        return resolved["oneOf"] is JsonArray ways ? [.. ways.SelectMany(way => Ways(way!))] : [resolved];
    }

    public static IReadOnlyList<string> Types(JsonObject schema) => schema["type"] switch
    {
        JsonArray several => [.. several.Select(one => one!.GetValue<string>())],
        JsonValue one => [one.GetValue<string>()],
        _ => schema["properties"] is null ? [] : ["object"],
    };

    /// <summary>What does not fit, with its path; null when all does. A member that may be null is left out when it is.</summary>
    public string? Misfit(JsonNode schema, JsonNode? value, string path = "$")
    {
        var ways = Ways(schema);
        string? why = null;
        foreach (var way in ways)
        {
            why = MisfitOf(way, value, path);
            if (why is null)
            {
                return null;
            }
        }

        return why;
    }

    private string? MisfitOf(JsonObject schema, JsonNode? value, string path)
    {
        var types = Types(schema);
        if (types.Count > 0 && !types.Contains(TypeOf(value)) && !(TypeOf(value) == "integer" && types.Contains("number")))
        {
            return $"{path} is {TypeOf(value)}, and not {string.Join(" or ", types)}";
        }

        if (schema["enum"] is JsonArray words && value is not null && !words.Any(word => JsonNode.DeepEquals(word, value)))
        {
            return $"{path} is {value.ToJsonString()}, which is none of the words of the list";
        }

        if (schema["pattern"]?.GetValue<string>() is { } pattern && TypeOf(value) == "string" && !Regex.IsMatch(value!.GetValue<string>(), pattern))
        {
            return $"{path} is {value.ToJsonString()}, and not like {pattern}";
        }

        return value switch
        {
            JsonArray items when schema["items"] is { } of =>
                items.Select((item, index) => Misfit(of, item, $"{path}[{index}]")).FirstOrDefault(one => one is not null),
            JsonObject members => MisfitOf(schema, members, path),
            _ => null,
        };
    }

    private string? MisfitOf(JsonObject schema, JsonObject members, string path)
    {
        var known = schema["properties"] as JsonObject ?? [];
        var missing = (schema["required"] as JsonArray ?? []).Select(name => name!.GetValue<string>())
            .FirstOrDefault(name => !members.ContainsKey(name) && known[name] is { } of && !MayBeNull(of));
        if (missing is not null)
        {
            return $"{path}.{missing} is missing";
        }

        foreach (var (name, value) in members)
        {
            if ((known[name] ?? (schema["additionalProperties"] as JsonObject)) is { } of && Misfit(of, value, $"{path}.{name}") is { } why)
            {
                return why;
            }
        }

        return null;
    }

    private bool MayBeNull(JsonNode schema) => Ways(schema).Any(way => Types(way) is [] || Types(way).Contains("null"));

    private static string TypeOf(JsonNode? value) => value switch
    {
        null => "null",
        JsonArray => "array",
        JsonObject => "object",
        _ => value.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "boolean",
            System.Text.Json.JsonValueKind.String => "string",
            _ => long.TryParse(value.ToJsonString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? "integer" : "number",
        },
    };
}
