namespace Fury.Cli.Tests;

/// <summary>A fact that needs a program of the machine; without it the fact is skipped for all to see, and does not pass in silence.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactIfInstalledAttribute : FactAttribute
{
    public FactIfInstalledAttribute(string program) => Skip = Find(program) is null ? $"{program} is not installed here." : null;

    /// <summary>Its path; null when it is not on the PATH.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
