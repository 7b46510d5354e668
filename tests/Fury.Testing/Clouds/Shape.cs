using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fury.Testing.Clouds;

/// <summary>What JSON a method takes. A field that is not known is refused, as clouds do, and so is one of another kind.</summary>
internal sealed record Shape(string Kind, IReadOnlyDictionary<string, Shape> Fields, Shape? Each = null)
{
    private static readonly Dictionary<string, Shape> None = [];

    public static Shape Text { get; } = new("text", None);

    public static Shape Flag { get; } = new("flag", None);

    public static Shape Number { get; } = new("number", None);

    public static Shape Words { get; } = new("map", None, Text);

    public static Shape Object(params (string Name, Shape Shape)[] fields) => new("object", fields.ToDictionary(field => field.Name, field => field.Shape));

    public static Shape List(Shape each) => new("list", None, each);

    public void Check(JsonNode? node, string path)
    {
        switch (Kind, node)
        {
            case ("text", JsonValue value) when value.GetValueKind() == JsonValueKind.String:
            case ("number", JsonValue number) when number.GetValueKind() == JsonValueKind.Number:
            case ("flag", JsonValue flag) when flag.GetValueKind() is JsonValueKind.True or JsonValueKind.False:
                return;
            case ("object", JsonObject known):
                foreach (var (name, value) in known)
                {
                    (Fields.GetValueOrDefault(name) ?? throw Unknown(name, path)).Check(value, $"{path}.{name}");
                }

                return;
            case ("map", JsonObject map):
                foreach (var (name, value) in map)
                {
                    Each!.Check(value, $"{path}.{name}");
                }

                return;
            case ("list", JsonArray list):
                foreach (var (index, value) in list.Index())
                {
                    Each!.Check(value, $"{path}[{index}]");
                }

                return;
            default:
                throw new ShapeException($"Invalid value at '{path}' ({Kind}), {node?.ToJsonString() ?? "null"}");
        }
    }

    private static ShapeException Unknown(string name, string path) => new($"Unknown name \"{name}\" at '{path}': Cannot find field.");
}

/// <summary>What was sent is not what the method takes.</summary>
internal sealed class ShapeException(string message) : Exception(message);
