namespace Fury.Benchmarks.Sidecar;

/// <summary>What is measured beside Fury, as Debian has it.</summary>
internal static class DebianProgram
{
    /// <summary>Where it is; installs it when it is missing and this is root. Null, with the reason told, when there is none.</summary>
    public static async Task<string?> Find(string command, string package, TextWriter output, CancellationToken cancellation)
    {
        if (Child.Find(command) is { } present)
        {
            return present;
        }

        if (Environment.UserName != "root" || Child.Find("apt-get") is not { } apt)
        {
            output.WriteLine($"{command} is skipped: it is not installed (apt-get install {package}).");
            return null;
        }

        output.WriteLine($"{command} is missing; installing {package}");
        await Child.Run(apt, ["update", "-q"], cancellation);
        var (exitCode, text) = await Child.Run(apt, ["install", "-y", "-q", "--no-install-recommends", package], cancellation);
        if (exitCode == 0)
        {
            return Child.Find(command);
        }

        output.WriteLine($"{command} is skipped: it could not be installed. {text.TrimEnd().Split('\n')[^1]}");
        return null;
    }
}
