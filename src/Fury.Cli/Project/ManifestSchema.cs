using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fury.Cli.Project;

/// <summary>The JSON schema (2020-12) of <c>fury.yaml</c>, for editors: made of the definitions that the reader goes by.</summary>
internal static class ManifestSchema
{
    private static readonly JsonSerializerOptions Pretty = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Json { get; } = Root().ToJsonString(Pretty);

    private static JsonObject Root()
    {
        var root = Of(ManifestShape.Root);
        root.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        root.Insert(1, "title", FuryYaml.FileName);
        return root;
    }

    private static JsonObject Of(Shape shape)
    {
        var schema = shape switch
        {
            Fields fields => Mapping(fields),
            Named named => new JsonObject { ["type"] = "object", ["propertyNames"] = Pattern(named.Key), ["additionalProperties"] = Of(named.Of) },
            Many many => new JsonObject { ["type"] = "array", ["items"] = Of(many.Of) },
            Text text => Pattern(text),
            Choice choice => new JsonObject { ["enum"] = Array(choice.Words) },
            Free free => new JsonObject { ["type"] = Array(["string", "number", "boolean"]), ["maxLength"] = free.LengthMax },
            Whole whole => new JsonObject { ["type"] = "integer", ["minimum"] = whole.Least, ["maximum"] = whole.Most },
            Number number => new JsonObject { ["type"] = "number", ["minimum"] = number.Least, ["maximum"] = number.Most },
            Flag => new JsonObject { ["type"] = "boolean" },
            Moment => new JsonObject { ["type"] = "string", ["pattern"] = $"^(?:{Moment.Pattern})$" },
            _ => throw new InvalidOperationException($"{shape.GetType().Name} has no schema."),
        };
        if (shape.Description is { } description)
        {
            schema.Insert(0, "description", description);
        }

        // A mapping in which nothing must be said may be left empty, and YAML reads that as null.
        if (shape.IsNullable || shape is Fields { Required.Count: 0 })
        {
            schema["type"] = Array([$"{schema["type"]}", "null"]);
        }

        return schema;
    }

    private static JsonObject Mapping(Fields fields)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(fields.All.Select(one => KeyValuePair.Create(one.Name, (JsonNode?)Of(one.Shape)))),
            ["additionalProperties"] = false,
        };
        if (fields.Required.Count > 0)
        {
            schema["required"] = Array(fields.Required);
        }

        return schema;
    }

    private static JsonObject Pattern(Text text) => new()
    {
        ["type"] = "string",
        ["pattern"] = $"^(?:{text.Pattern})$",
        ["maxLength"] = text.LengthMax,
    };

    private static JsonArray Array(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)word)]);
}
