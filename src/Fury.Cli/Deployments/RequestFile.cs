using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

/// <summary>A request in a file. A key that is not known, or a value of another kind, is said with its place.</summary>
internal static class RequestFile
{
    private const int LengthMaxBytes = 256 * 1024;

    public static DeploymentRequest Read(FileInfo file) => Read<DeploymentRequest>(file);

    /// <summary>Any JSON object.</summary>
    public static JsonObject Object(FileInfo file) => Read<JsonObject>(file);

    private static T Read<T>(FileInfo file)
    {
        if (!file.Exists || file.Length > LengthMaxBytes)
        {
            throw CommandFailure.Usage($"{file.FullName} {(file.Exists ? $"is longer than {LengthMaxBytes} bytes" : "does not exist")}.");
        }

        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(file.FullName), FuryJson.Options)
                ?? throw CommandFailure.Usage($"{file.FullName} holds no request.");
        }
        catch (JsonException broken)
        {
            throw CommandFailure.Usage($"{file.FullName}, line {broken.LineNumber + 1}, at {broken.Path}: {broken.Message}");
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{file.FullName} can't be read: {denied.Message}");
        }
    }
}
