namespace Fury.Sdk;

public sealed class FuryOptions
{
    /// <summary>How long the start waits for every declared service to be bound.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The file that says what stands behind each service. Null: the one that <c>FURY_BINDINGS_FILE</c> names, or else the platform that started this instance
    /// says it; without any of these everything is in this process.
    /// </summary>
    public string? BindingsFile { get; set; }

    /// <summary>Reads a variable of the environment; another one for tests.</summary>
    public Func<string, string?> Variable { get; set; } = Environment.GetEnvironmentVariable;

    /// <summary>After a switch, how long calls on the old provider may go on.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
