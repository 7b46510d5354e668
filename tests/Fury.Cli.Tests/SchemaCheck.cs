using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fury.Cli.Tests;

/// <summary>What an editor does with a schema, for the keywords that ours has: written without a look at the reader of the command line.</summary>
internal static partial class SchemaCheck
{
    /// <summary>Where the document is wrong; empty when it is right. A keyword that is not known here is an error of the test.</summary>
    public static IReadOnlyList<string> Faults(JsonNode schema, JsonNode? value) => [.. Faults(schema.AsObject(), value, "$")];

    /// <summary>A document of YAML as the core schema of YAML 1.2 reads it.</summary>
    public static JsonNode? Yaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 0 ? new JsonObject() : Json(stream.Documents[0].RootNode);
    }

    private static IEnumerable<string> Faults(JsonObject schema, JsonNode? value, string path)
    {
        var kind = Kind(value);
        foreach (var (keyword, rule) in schema)
        {
            var isRight = keyword switch
            {
                "$schema" or "title" or "description" => true,
                "type" => Words(rule!).Any(word => word == kind || (word == "number" && kind == "integer")),
                "enum" => value is JsonValue && rule!.AsArray().Any(one => JsonNode.DeepEquals(one, value)),
                "pattern" => kind != "string" || Regex.IsMatch(Text(value), rule!.GetValue<string>(), RegexOptions.ECMAScript),
                "maxLength" => kind != "string" || Text(value).Length <= rule!.GetValue<int>(),
                "minimum" => kind is not ("integer" or "number") || Number(value) >= Number(rule),
                "maximum" => kind is not ("integer" or "number") || Number(value) <= Number(rule),
                "required" => value is not JsonObject all || Words(rule!).All(all.ContainsKey),
                "properties" or "items" or "propertyNames" or "additionalProperties" => true,
                _ => throw new InvalidOperationException($"{keyword} is not known."),
            };
            if (!isRight)
            {
                yield return $"{path}: {keyword}";
            }
        }

        var below = value switch
        {
            JsonObject all => all.SelectMany(one => Member(schema, one.Key, one.Value, path)),
            JsonArray list when schema["items"] is JsonObject items => list.SelectMany((one, index) => Faults(items, one, $"{path}[{index}]")),
            _ => [],
        };
        foreach (var fault in below)
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> Member(JsonObject schema, string name, JsonNode? value, string path)
    {
        var names = schema["propertyNames"] is JsonObject rule ? Faults(rule, name, $"{path}.({name})") : [];
        return names.Concat((schema["properties"]?[name], schema["additionalProperties"]) switch
        {
            (JsonObject known, _) => Faults(known, value, $"{path}.{name}"),
            (_, JsonObject other) => Faults(other, value, $"{path}.{name}"),
            (_, JsonValue refused) when !refused.GetValue<bool>() => [$"{path}.{name}: additionalProperties"],
            _ => [],
        });
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(one => KeyValuePair.Create($"{one.Key}", Json(one.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or null } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } flag => flag.Value == "true",
        YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text } when long.TryParse(text, CultureInfo.InvariantCulture, out var whole) => whole,
        YamlScalarNode { Style: ScalarStyle.Plain } plain when Float().IsMatch(plain.Value!) => double.Parse(plain.Value!, CultureInfo.InvariantCulture),
        YamlScalarNode scalar => scalar.Value,
        _ => throw new InvalidOperationException($"{node.GetType().Name} is not known."),
    };

    private static string Kind(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.String => "string",
            _ => Number(value) % 1 == 0 ? "integer" : "number",
        },
    };

    private static string[] Words(JsonNode rule) => rule is JsonArray list ? [.. list.Select(one => one!.GetValue<string>())] : [rule.GetValue<string>()];

    private static string Text(JsonNode? value) => value!.GetValue<string>();

    private static double Number(JsonNode? value) => double.Parse(value!.ToJsonString(), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Float();
}
