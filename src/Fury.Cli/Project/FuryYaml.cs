using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Kernel;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fury.Cli.Project;

/// <summary>What a folder says of itself: <c>application: hello</c>, and optionally a default <c>scope</c> and <c>version</c>.</summary>
internal sealed record FuryYaml(string? Application, string? Scope, string? Version)
{
    public const string FileName = "fury.yaml";

    private const int LengthMaxBytes = 64 * 1024;
    private static readonly string[] Keys = ["application", "scope", "version"];

    /// <summary>The nearest file in <paramref name="folder"/> or above; null when there is none.</summary>
    public static FuryYaml? Find(string folder)
    {
        for (var here = new DirectoryInfo(folder); here is not null; here = here.Parent)
        {
            var path = Path.Combine(here.FullName, FileName);
            if (File.Exists(path))
            {
                return Read(path);
            }
        }

        return null;
    }

    public static FuryYaml Read(string path)
    {
        if (new FileInfo(path).Length > LengthMaxBytes)
        {
            throw CommandFailure.Usage($"{path} is longer than {LengthMaxBytes} bytes.");
        }

        try
        {
            return Parse(path, File.ReadAllText(path));
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{path} can't be read: {denied.Message}");
        }
    }

    public static FuryYaml Parse(string path, string text)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException broken)
        {
            throw CommandFailure.Usage($"{path}:{broken.Start.Line}:{broken.Start.Column} is no YAML: {broken.Message}");
        }

        if (yaml.Documents.Count == 0)
        {
            return new(null, null, null);
        }

        if (yaml.Documents is not [{ RootNode: YamlMappingNode root }])
        {
            throw CommandFailure.Usage($"{path} must be one mapping such as 'application: hello'.");
        }

        var faults = new List<string>();
        var values = new Dictionary<string, string>();
        foreach (var (key, value) in root.Children)
        {
            var at = $"{path}:{key.Start.Line}:";
            if (key is not YamlScalarNode { Value: { } name } || !Keys.Contains(name))
            {
                faults.Add($"{at} '{key}' is none of {string.Join(", ", Keys)}.");
            }
            else if (value is not YamlScalarNode { Value: { Length: > 0 } scalar })
            {
                faults.Add($"{at} {name} must be one name.");
            }
            else if (Fault(name, scalar) is { } fault)
            {
                faults.Add($"{at} {Problem.Line(fault)}");
            }
            else
            {
                values[name] = scalar;
            }
        }

        return faults.Count == 0
            ? new(values.GetValueOrDefault("application"), values.GetValueOrDefault("scope"), values.GetValueOrDefault("version"))
            : throw CommandFailure.Usage($"{FileName} can't be right:", faults);
    }

    private static FieldFault? Fault(string key, string value)
    {
        var check = new Validation();
        _ = key switch
        {
            "application" => check.Name<ApplicationName>(value, key).Value,
            "scope" => check.Name<ScopeName>(value, key).Value,
            _ => check.Name<VersionName>(value, key).Value,
        };
        return check.Fault?.Fields[0];
    }
}
