namespace Fury.Providers.Aws.Tests;

/// <summary>Tests that set or read the variables of this process, one after the other; what a test has set is taken back.</summary>
internal sealed class AwsEnvironment : IDisposable
{
    public const string Collection = "environment";

    private readonly Dictionary<string, string?> _before = [];

    public void Set(string name, string? value)
    {
        _before.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }

    public void Dispose()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }
}
