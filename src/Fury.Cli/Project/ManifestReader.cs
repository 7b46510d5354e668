using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fury.Cli.CommandLine;
using Fury.Kernel;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fury.Cli.Project;

/// <summary>
/// Reads <c>fury.yaml</c>: only what <see cref="ManifestShape.Root"/> allows, and every fault with its line, its path and what would be right.
/// </summary>
internal sealed partial class ManifestReader(string file)
{
    /// <summary>A short file can name the same thing again and again, and so be endless.</summary>
    private const int ValuesMax = 50_000;

    private const int FaultsMax = 20;
    private readonly List<string> _faults = [];
    private int _values;

    /// <summary>The file as JSON: keys and values as they are defined, nothing else.</summary>
    public static JsonObject Read(string file, string text)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException broken)
        {
            throw CommandFailure.Usage($"{file}:{broken.Start.Line}:{broken.Start.Column} is no YAML: {broken.Message}");
        }

        if (yaml.Documents.Count == 0)
        {
            return [];
        }

        if (yaml.Documents is not [{ RootNode: YamlMappingNode root }])
        {
            throw CommandFailure.Usage($"{file} must be one mapping such as 'application: hello'.");
        }

        var reader = new ManifestReader(file);
        var read = reader.Mapping(ManifestShape.Root, root, "");
        return reader._faults.Count == 0 ? read : throw CommandFailure.Usage($"{FuryYaml.FileName} can't be right:", reader._faults);
    }

    private JsonNode? Value(Shape shape, YamlNode node, string path)
    {
        if (++_values > ValuesMax)
        {
            throw CommandFailure.Usage($"{file} says more than {ValuesMax} values.");
        }

        if (IsNull(node) && shape.IsNullable)
        {
            return null;
        }

        return (shape, node) switch
        {
            (Fields fields, YamlMappingNode mapping) => Mapping(fields, mapping, path),
            (Fields { Required.Count: 0 }, _) when IsNull(node) => new JsonObject(),
            (Named named, YamlMappingNode mapping) => Names(named, mapping, path),
            (Many many, YamlSequenceNode list) => List(many, list, path),
            (_, YamlScalarNode scalar) => Scalar(shape, scalar) ?? Wrong(shape, node, path),
            _ => Wrong(shape, node, path),
        };
    }

    private JsonObject Mapping(Fields fields, YamlMappingNode mapping, string path)
    {
        var read = new JsonObject();
        foreach (var (key, value) in mapping.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? $"{key}";
            if (fields.Find(name) is { } shape)
            {
                read[name] = Value(shape, value, Join(path, name));
            }
            else
            {
                Fault(key, $"'{Join(path, name)}' is not known: {Here(path)} has {string.Join(", ", fields.All.Select(one => one.Name))}.");
            }
        }

        foreach (var missing in fields.Required.Where(name => !read.ContainsKey(name) && !mapping.Children.ContainsKey(new YamlScalarNode(name))))
        {
            Fault(mapping, $"{Here(path)} must have {missing}: {fields.Find(missing)!.Expected}.");
        }

        return read;
    }

    private JsonObject Names(Named named, YamlMappingNode mapping, string path)
    {
        var read = new JsonObject();
        foreach (var (key, value) in mapping.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (named.Key.Fits(name))
            {
                read[name] = Value(named.Of, value, Join(path, name));
            }
            else
            {
                Fault(key, $"a key of {path} must be {named.Key.Expected}, not '{key}'.");
            }
        }

        return read;
    }

    private JsonArray List(Many many, YamlSequenceNode list, string path) =>
        new([.. list.Children.Select((node, index) => Value(many.Of, node, $"{path}[{index}]"))]);

    /// <summary>Null when it is not what the shape wants.</summary>
    private static JsonNode? Scalar(Shape shape, YamlScalarNode node)
    {
        var (text, isPlain) = (node.Value ?? "", node.Style == ScalarStyle.Plain);
        var isText = !isPlain || !(IsNull(node) || IsFlag(text) || IsNumber(text));
        return shape switch
        {
            Text one when isText && one.Fits(text) => text,
            Choice one when isText && one.Words.Contains(text) => text,
            Free one when text.Length <= one.LengthMax && !(isPlain && IsNull(node)) => text,
            Moment when isText && Time().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) => text,
            Flag when isPlain && IsFlag(text) => text is "true",
            Whole one when isPlain && IsNumber(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                && whole >= one.Least && whole <= one.Most => whole,
            Number one when isPlain && IsNumber(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number >= one.Least && number <= one.Most => number,
            _ => null,
        };
    }

    private JsonNode? Wrong(Shape shape, YamlNode node, string path)
    {
        var value = node switch
        {
            YamlScalarNode when IsNull(node) => "nothing",
            YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text } when shape is Text or Choice or Moment && (IsFlag(text) || IsNumber(text)) =>
                $"{text}: write \"{text}\" if it is meant as text",
            YamlScalarNode scalar => $"'{FieldFault.Of(path, scalar.Value, "").Value}'",
            YamlSequenceNode => "a list",
            _ => "a mapping",
        };
        Fault(node, $"{path} must be {shape.Expected}, not {value}.");
        return null;
    }

    private void Fault(YamlNode node, string what)
    {
        _faults.Add($"{file}:{node.Start.Line}: {what}");
        if (_faults.Count == FaultsMax)
        {
            throw CommandFailure.Usage($"{FuryYaml.FileName} can't be right:", [.. _faults, "…and perhaps more."]);
        }
    }

    private static string Here(string path) => path.Length == 0 ? "the file" : path;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    private static bool IsFlag(string text) => text is "true" or "false";

    private static bool IsNumber(string text) => Digits().IsMatch(text);

    /// <summary>What the core schema of YAML 1.2 reads as a number, but for hexadecimal and octal ones.</summary>
    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Digits();

    [GeneratedRegex($@"^{Moment.Pattern}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Time();
}
