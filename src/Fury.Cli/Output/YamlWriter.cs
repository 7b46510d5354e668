using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fury.Cli.Output;

/// <summary>Writes each line that is JSON as a document of YAML, and any other line as it is.</summary>
internal sealed partial class YamlWriter(TextWriter output) : TextWriter
{
    private const string Begin = "--- ";
    private const string End = "...";
    private bool _isLater;

    public override Encoding Encoding => output.Encoding;

    public override void Write(char value) => output.Write(value);

    /// <summary>Parts of a line, as <c>fury status</c> writes them, come with their line feeds.</summary>
    public override void Write(string? value)
    {
        if (value?.EndsWith('\n') == true)
        {
            WriteLine(value[..^1]);
        }
        else
        {
            output.Write(value);
        }
    }

    public override void WriteLine(string? value)
    {
        JsonNode? json;
        try
        {
            json = JsonNode.Parse(value ?? "");
        }
        catch (JsonException)
        {
            output.WriteLine(value);
            return;
        }

        if (_isLater)
        {
            output.WriteLine("---");
        }

        _isLater = true;
        output.Write(Of(json));
    }

    /// <summary>The document, with a line feed at its end.</summary>
    internal static string Of(JsonNode? json)
    {
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(Node(json))).Save(text, assignAnchors: false);
        var written = text.ToString().ReplaceLineEndings("\n").TrimEnd('\n');
        written = written.StartsWith(Begin, StringComparison.Ordinal) ? written[Begin.Length..] : written;
        return $"{(written.EndsWith($"\n{End}", StringComparison.Ordinal) ? written[..^(End.Length + 1)] : written)}\n";
    }

    private static YamlNode Node(JsonNode? json) => json switch
    {
        JsonObject { Count: > 0 } all => new YamlMappingNode(
            all.Select(one => KeyValuePair.Create<YamlNode, YamlNode>(Scalar(one.Key), Node(one.Value)))),
        JsonObject => new YamlMappingNode { Style = YamlDotNet.Core.Events.MappingStyle.Flow },
        JsonArray { Count: > 0 } list => new YamlSequenceNode(list.Select(Node)),
        JsonArray => new YamlSequenceNode { Style = YamlDotNet.Core.Events.SequenceStyle.Flow },
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Scalar(value.GetValue<string>()),
        _ => new YamlScalarNode(json?.ToJsonString() ?? "null"),
    };

    /// <summary>Text that would be read as something else is quoted.</summary>
    private static YamlScalarNode Scalar(string text) =>
        new(text) { Style = Other().IsMatch(text) || text.Any(char.IsControl) ? ScalarStyle.DoubleQuoted : ScalarStyle.Any };

    [GeneratedRegex(
        @"^(|~|null|true|false|yes|no|on|off|[-+]?[.]?[0-9][0-9a-fA-FxXoO_.:eE+-]*|[.]nan|[-+]?[.]inf)\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Other();
}
