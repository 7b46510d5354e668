using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

/// <summary>A request for a deployment, or a part of one, in a file. A key that is not known, or a value of another kind, is said with its place.</summary>
internal static class RequestFile
{
    private const int LengthMaxBytes = 256 * 1024;

    public static T Read<T>(FileInfo file)
        where T : class
    {
        if (!file.Exists || file.Length > LengthMaxBytes)
        {
            throw CommandFailure.Usage($"{file.FullName} {(file.Exists ? $"is longer than {LengthMaxBytes} bytes" : "does not exist")}.");
        }

        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(file.FullName), FuryJson.Options)
                ?? throw CommandFailure.Usage($"{file.FullName} holds nothing.");
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
