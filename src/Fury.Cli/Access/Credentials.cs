using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Access;

/// <param name="Token">What stands behind <c>Authorization: Bearer</c>.</param>
internal sealed record Credential(string Token, string Name, DateTimeOffset? ExpiresAt);

/// <summary>
/// Who is logged in where: a file that nobody else can read, <c>FURY_CREDENTIALS</c>, or <c>fury/credentials.json</c> in the folder of the user's settings.
/// </summary>
internal static class Credentials
{
    private static string File => Environment.GetEnvironmentVariable("FURY_CREDENTIALS") is { Length: > 0 } given ? given : Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "fury", "credentials.json");

    /// <summary>Null: nobody is logged in there.</summary>
    public static Credential? Find(Uri host) => Read().GetValueOrDefault(host.AbsoluteUri);

    public static void Keep(Uri host, Credential credential) => Write(new(Read()) { [host.AbsoluteUri] = credential });

    public static void Forget(Uri host) => Write(Read().Where(pair => pair.Key != host.AbsoluteUri).ToDictionary());

    private static Dictionary<string, Credential> Read()
    {
        if (!System.IO.File.Exists(File))
        {
            return [];
        }

        if (!OperatingSystem.IsWindows() && (System.IO.File.GetUnixFileMode(File) & ~(OwnFile.Mode | UnixFileMode.UserExecute)) != 0)
        {
            throw CommandFailure.Usage($"{File} can be read by others. Make it yours alone: chmod 600 '{File}'");
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, Credential>>(System.IO.File.ReadAllBytes(File), FuryJson.Options) ?? [];
        }
        catch (JsonException)
        {
            throw CommandFailure.Usage($"{File} can't be read. Remove it, and log in again.");
        }
    }

    private static void Write(Dictionary<string, Credential> all)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(File))!);
        OwnFile.Write(File, made => JsonSerializer.Serialize(made, all, FuryJson.Options));
    }
}
