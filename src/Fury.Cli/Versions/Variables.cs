using System.CommandLine;
using Fury.Cli.CommandLine;

namespace Fury.Cli.Versions;

/// <summary>Environment variables on a command line, or from a file, for what must not stand in the list of processes.</summary>
internal sealed class Variables
{
    public Option<string[]> Env { get; } = new("--env", "-e")
    {
        Description = "An environment variable; may be repeated.",
        HelpName = "NAME=VALUE",
    };

    public Option<string?> EnvFile { get; } = new("--env-file")
    {
        Description = "A file of NAME=VALUE lines; # begins a comment line. --env wins over it.",
        HelpName = "FILE",
    };

    /// <summary>Null when none was given.</summary>
    public Dictionary<string, string>? Read(Invocation call) => Read(call, call.Value(Env) ?? [], "--env");

    /// <param name="given">Each <c>NAME=VALUE</c>; they win over the file.</param>
    /// <param name="from">Where they stand.</param>
    public Dictionary<string, string>? Read(Invocation call, string[] given, string from)
    {
        var path = call.Value(EnvFile);
        if (given.Length == 0 && path is null)
        {
            return null;
        }

        var lines = path is null ? [] : Lines(path);
        var variables = new Dictionary<string, string>();
        var faults = new List<string>();
        foreach (var (line, where) in lines.Concat(given.Select(one => (one, from))))
        {
            var split = line.IndexOf('=', StringComparison.Ordinal);
            if (split < 1)
            {
                // The value is not repeated: what has no name may well be a secret.
                faults.Add($"{where} must be NAME=VALUE.");
                continue;
            }

            variables[line[..split]] = line[(split + 1)..];
        }

        return faults.Count == 0 ? variables : throw CommandFailure.Usage("The environment can't be right:", faults);
    }

    public static string Line(IReadOnlyDictionary<string, string> variables) =>
        string.Join(' ', variables.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}"));

    private static IEnumerable<(string Line, string Where)> Lines(string path)
    {
        try
        {
            return [.. File.ReadLines(path)
                .Select((line, index) => (line.Trim(), $"{path}:{index + 1}"))
                .Where(line => line.Item1.Length > 0 && !line.Item1.StartsWith('#'))];
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{path} can't be read: {denied.Message}");
        }
    }
}
