namespace Fury.Host;

/// <summary>The host's switches. Any other setting is given by its full name: <c>--Section:Key value</c>.</summary>
internal static class CommandLine
{
    public const string Usage = """
        Fury.Host [--data FOLDER] [--listen URL] [--Section:Key VALUE]…

          --data FOLDER    where Fury keeps its files (default: data in the current folder)
          --listen URL     where the API is served (default: http://127.0.0.1:7080)
          --Section:Key    any setting, e.g. --Sidecar:Listen http://127.0.0.1:8081; as environment variable: Sidecar__Listen
          --OTEL_…         OpenTelemetry's own variables, e.g. --OTEL_EXPORTER_OTLP_ENDPOINT http://127.0.0.1:4317
        """;

    private static readonly Dictionary<string, string> Switches = new()
    {
        ["--data"] = "Fury:DataFolder",
        ["--listen"] = "Fury:Listen",
    };

    public static bool AsksForHelp(string[] args) => args is ["--help" or "-h" or "help", ..];

    /// <exception cref="BadSettings">A switch is not known: it is more likely a slip than a wish.</exception>
    public static void Add(ConfigurationManager settings, string[] args)
    {
        for (var index = 0; index < args.Length; index++)
        {
            var (name, hasValue) = args[index].IndexOf('=') is var at and > 0 ? (args[index][..at], true) : (args[index], false);
            if (!name.StartsWith("--", StringComparison.Ordinal) || !IsKnown(name))
            {
                throw new BadSettings($"'{args[index]}' is no option of the host. --help lists them.");
            }

            if (!hasValue && ++index == args.Length)
            {
                throw new BadSettings($"{name} needs a value.");
            }
        }

        settings.AddCommandLine(args, Switches);
    }

    private static bool IsKnown(string name) =>
        Switches.ContainsKey(name) || name.Contains(':') || name.StartsWith("--OTEL_", StringComparison.Ordinal);
}
