using System.Reflection;
using System.Text.RegularExpressions;
using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.Drivers.Postgres;
using Fury.Sdk.Drivers.RabbitMq;
using Fury.Sdk.Files;
using Fury.Sdk.Gateway;
using Fury.Sdk.Local;
using Fury.Sdk.S3;
using Fury.Sdk.Secrets.Stores;
using Fury.Sdk.Tests.S3;

namespace Fury.Sdk.Tests.Matrix;

/// <summary>What each driver says that it can do, and what has shown it, from the code itself. Nothing is sent.</summary>
internal static partial class DriverMatrix
{
    private const string Variable = "FURY_TEST_MATRIX";
    private const string ConnectionString = "Host=127.0.0.1";

    private static readonly RunsAgainstAttribute Nothing = new("", "**nothing**");

    /// <summary>Those that this room knows, of all packages.</summary>
    private static readonly IReadOnlyList<IDriverFactory> Drivers =
    [
        .. new LocalProvider(TimeProvider.System).Factories,
        .. FuryHosting.Providers,
        PlatformSecrets.Factory(new Uri("http://127.0.0.1"), ""),
        .. new PostgresProvider(_ => ConnectionString).Factories,
        .. new RabbitMqProvider(_ => new Uri("amqp://127.0.0.1")).Factories,
    ];

    private static readonly IReadOnlyList<(RunsAgainstAttribute Says, HashSet<string> Tests)> Runs =
    [
        .. from type in typeof(DriverMatrix).Assembly.GetTypes()
           let says = type.GetCustomAttribute<RunsAgainstAttribute>()
           where says is not null
           let names = type.GetProperty("Names", BindingFlags.Public | BindingFlags.Static | BindingFlags.FlattenHierarchy)!.GetValue(null)!
           select (says, ((IEnumerable<object[]>)names).Select(each => (string)each[0]).ToHashSet()),
    ];

    /// <summary>Every capability that there is.</summary>
    private static readonly IReadOnlyList<Capability> Known =
    [
        .. from type in typeof(Capability).Assembly.GetExportedTypes()
           where type.Name.EndsWith("Capabilities", StringComparison.Ordinal) && type is { IsAbstract: true, IsSealed: true }
           from property in type.GetProperties(BindingFlags.Public | BindingFlags.Static)
           select (Capability)property.GetValue(null)!,
    ];

    public static async Task<IReadOnlyList<string>> Rows()
    {
        List<string> rows = [];
        foreach (var driver in Drivers.OrderBy(each => each.Provider, StringComparer.Ordinal).ThenBy(each => each.Kind))
        {
            var runs = Runs.Where(run => run.Says.Driver == driver.Provider && TestsOf(run.Tests, driver.Kind).Any()).ToList();
            foreach (var (says, tests) in runs.Count > 0 ? runs : [(Nothing, [])])
            {
                rows.Add(await Row(driver, says, tests));
            }
        }

        return rows;
    }

    /// <summary>Names in the tests of what is no driver.</summary>
    public static IEnumerable<string> Strangers() => Runs.Select(run => run.Says.Driver).Except(Drivers.Select(driver => driver.Provider));

    private static async Task<string> Row(IDriverFactory factory, RunsAgainstAttribute says, HashSet<string> tests)
    {
        var declared = await Declared(factory, says.Resource);
        // What a subscription is able to do is shown by the tests of topics.
        var shown = TestsOf(tests, factory.Kind).Concat(factory.Kind == ServiceKind.Queue ? TestsOf(tests, ServiceKind.Topic) : [])
            .SelectMany(test => test.Requires).Select(each => each.Name).Append(says.Also).ToHashSet();
        var has = Of(factory.Kind).Where(declared.Has).Select(each =>
            Short(each) + (declared.Level(each) == CapabilityLevel.Emulated ? "~" : "") + (shown.Contains(each.Name) ? "" : "?"));
        var lacks = Of(factory.Kind).Where(each => !declared.Has(each)).Select(Short);
        var suffix = says.Resource.Contains('.') ? $" `{says.Resource[says.Resource.IndexOf('.')..]}`" : "";
        string[] cells =
        [
            $"`{factory.Provider}`", Word(factory.Kind) + suffix, List(has), List(lacks), Transports(factory), says.What, says.NeverAsked ?? "",
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private static IEnumerable<ConformanceTest> TestsOf(HashSet<string> names, ServiceKind kind) =>
        ConformanceSuite.Tests.Where(test => test.Kind == kind && names.Contains(test.Name));

    /// <summary>As a driver says of itself when it is opened.</summary>
    private static async Task<CapabilitySet> Declared(IDriverFactory factory, string resource)
    {
        Environment.SetEnvironmentVariable(Variable, "x");
        var variables = factory.Provider switch
        {
            "gcs" or "gcp-secret-manager" or "pubsub" => $"env:{Variable}",
            "azure-key-vault" => $"env:{Variable},{Variable},{Variable}",
            _ => $"env:{Variable},{Variable}",
        };
        var endpoint = factory.Provider switch
        {
            FilesProvider.Name => new Uri(Path.GetTempPath()),
            _ => new Uri($"{(factory.Provider is "redis" or "nats" ? factory.Provider : "http")}://127.0.0.1:1"),
        };
        var route = new ServiceRoute(factory.Provider, "direct", endpoint, "us-east-1", resource)
        {
            Credential = variables,
            Dialect = factory.Provider == S3Provider.Name ? S3Target.CephDialect : new Dictionary<string, string>(),
        };
        await using var driver = await factory.OpenAsync(new DriverContext("matrix", route, TimeProvider.System), default);
        return driver.Declared;
    }

    /// <summary>The platform reaches what is on no machine of its own, by the drivers that its host has.</summary>
    private static string Transports(IDriverFactory factory) => factory.Provider switch
    {
        LocalProvider.Name => "in the process",
        FilesProvider.Name or PlatformSecrets.Name => "direct",
        _ => GatewayProvider.Factories(new Uri("http://127.0.0.1"), "").Any(each => each.Kind == factory.Kind) ? "direct, gateway" : "direct",
    };

    private static IEnumerable<Capability> Of(ServiceKind kind)
    {
        string[] prefixes = kind switch
        {
            ServiceKind.KeyValue => ["kv."],
            ServiceKind.Queue => ["queue.", "topic."],
            ServiceKind.Topic => ["topic.", "queue.ordering-key", "queue.delay", "queue.deduplication"],
            _ => [$"{Word(kind)}."],
        };
        return Known.Where(each => prefixes.Any(prefix => each.Name.StartsWith(prefix, StringComparison.Ordinal)))
            .OrderBy(each => each.Name, StringComparer.Ordinal);
    }

    private static string Short(Capability capability) => capability.Name[(capability.Name.IndexOf('.') + 1)..];

    private static string List(IEnumerable<string> words) => string.Join(", ", words) is { Length: > 0 } all ? all : "–";

    private static string Word(ServiceKind kind) => Capitals.Replace($"{kind}", "-$0").ToLowerInvariant();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Capitals { get; }
}
