using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fury.LocalCluster;

/// <summary>YAML as JSON: one document, an object, with the plain scalars of YAML's core schema.</summary>
internal static class YamlText
{
    /// <summary>An alias may stand for a large part, many times over; this bounds what comes out.</summary>
    private const int NodesMax = 100_000;

    private const int DepthMax = 64;

    public static JsonObject Parse(byte[] yaml)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(Encoding.UTF8.GetString(yaml)));
            var nodes = 0;
            return stream.Documents.Count == 1 && Convert(stream.Documents[0].RootNode, 0, ref nodes) is JsonObject value
                ? value
                : throw Refusal.BadRequest("the body of the request is not one YAML document that holds an object");
        }
        catch (YamlException bad)
        {
            throw Refusal.BadRequest($"the body of the request is no YAML: {bad.Message} (line {bad.Start.Line})");
        }
    }

    private static JsonNode? Convert(YamlNode node, int depth, ref int nodes)
    {
        if (++nodes > NodesMax || depth > DepthMax)
        {
            throw Refusal.BadRequest($"the YAML has more than {NodesMax} nodes, or is nested deeper than {DepthMax}");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                var value = new JsonObject();
                foreach (var (key, item) in mapping.Children)
                {
                    value[(key as YamlScalarNode)?.Value ?? throw Refusal.BadRequest("a key of the YAML is no text")] = Convert(item, depth + 1, ref nodes);
                }

                return value;
            case YamlSequenceNode sequence:
                var list = new JsonArray();
                foreach (var item in sequence.Children)
                {
                    list.Add(Convert(item, depth + 1, ref nodes));
                }

                return list;
            case YamlScalarNode scalar:
                return scalar.Style == ScalarStyle.Plain ? Plain(scalar.Value ?? "") : JsonValue.Create(scalar.Value);
            default:
                return null;
        }
    }

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when IsNumber(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };

    /// <summary>Not "nan" and not "infinity", which .NET reads as numbers and JSON cannot write.</summary>
    private static bool IsNumber(string text) => text.Any(char.IsAsciiDigit) && text.All(sign => char.IsAsciiDigit(sign) || ".+-eE".Contains(sign));
}
