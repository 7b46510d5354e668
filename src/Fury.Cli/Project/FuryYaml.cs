using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;

namespace Fury.Cli.Project;

/// <summary>What a folder says of itself: <c>application: hello</c>, and optionally a default <c>scope</c> and <c>version</c>.</summary>
internal sealed record FuryYaml(string? Application, string? Scope, string? Version)
{
    public const string FileName = "fury.yaml";

    private const int LengthMaxBytes = 256 * 1024;

    /// <summary>The nearest file in <paramref name="folder"/> or above, the whole of it as JSON, and its folder; null when there is none.</summary>
    public static (JsonObject Document, string Folder)? FindDocument(string folder)
    {
        for (var here = new DirectoryInfo(folder); here is not null; here = here.Parent)
        {
            var path = Path.Combine(here.FullName, FileName);
            if (File.Exists(path))
            {
                return (Document(path), here.FullName);
            }
        }

        return null;
    }

    public static JsonObject Document(string path)
    {
        if (File.Exists(path) && new FileInfo(path).Length > LengthMaxBytes)
        {
            throw CommandFailure.Usage($"{path} is longer than {LengthMaxBytes} bytes.");
        }

        try
        {
            return ManifestReader.Read(path, File.ReadAllText(path));
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{path} can't be read: {denied.Message}");
        }
    }

    public static FuryYaml Parse(string path, string text) => Of(ManifestReader.Read(path, text));

    /// <summary>What commands are about that name nothing: what the file says, or the only one that it declares.</summary>
    /// <param name="named">The application that the command names: another one's only scope is not its scope.</param>
    public static FuryYaml Of(JsonObject document, string? named = null)
    {
        var application = Text(document["application"]) ?? Only(document["applications"]);
        var scopes = (named ?? application) is { } one ? document["applications"]?[one]?["scopes"] : null;
        return new(application, Text(document["scope"]) ?? Only(scopes), Text(document["version"]));
    }

    private static string? Text(JsonNode? node) => node?.GetValue<string>();

    private static string? Only(JsonNode? node) => node is JsonObject { Count: 1 } one ? one.First().Key : null;
}
