using System.Text.Json;
using System.Text.Json.Serialization;
using Fury.Sdk.Checks;

namespace Fury.Sdk.Bindings;

/// <summary>The contents of a file of bindings. What is wrong in it is said with the place, the value and what would be right.</summary>
internal sealed record BindingsFile(IReadOnlyList<BindingsFile.Entry>? Bindings)
{
    /// <exception cref="FuryException">The file is none, or says what cannot be.</exception>
    public static IReadOnlyList<ServiceBinding> Parse(string path, ReadOnlySpan<byte> text)
    {
        BindingsFile? file;
        try
        {
            file = JsonSerializer.Deserialize(text, BindingsJson.Default.BindingsFile);
        }
        catch (JsonException bad)
        {
            throw Failure.Invalid($"{path} is no file of bindings: {bad.Message}");
        }

        var seen = new HashSet<(ServiceKind, string)>();
        var bindings = new List<ServiceBinding>();
        foreach (var (index, entry) in (file?.Bindings ?? throw Wrong(path, "bindings", null, "a list")).Index())
        {
            var place = $"bindings[{index}]";
            var binding = Read(path, place, entry);
            bindings.Add(
                seen.Add((binding.Kind, binding.Service)) ? binding : throw Wrong(path, $"{place}.service", binding.Service, "named once for its kind"));
        }

        return bindings;
    }

    /// <param name="origin">What it comes from, for what is said of it.</param>
    /// <param name="place">Where in it.</param>
    /// <exception cref="FuryException">It says what cannot be.</exception>
    public static ServiceBinding Read(string origin, string place, Entry entry)
    {
        var kind = Enum.GetValues<ServiceKind>().Where(each => WordOf(each) == entry.Kind).Select(each => (ServiceKind?)each).SingleOrDefault()
            ?? throw Wrong(origin, $"{place}.kind", entry.Kind, $"one of {string.Join(", ", Enum.GetValues<ServiceKind>().Select(WordOf))}");
        var service = entry.Service ?? throw Wrong(origin, $"{place}.service", null, "the name of a service");
        if (entry.Epoch is < 1)
        {
            throw Wrong(origin, $"{place}.epoch", $"{entry.Epoch}", "1 or more, or left out: then each change counts");
        }

        if (entry.State is not null and not "single" and not "moving")
        {
            throw Wrong(origin, $"{place}.state", entry.State, "single, or moving, or left out: then it is single");
        }

        if (entry.State != "moving")
        {
            return new ServiceBinding(service, kind, entry.Epoch ?? 0, RouteOf(origin, $"{place}.route", service, entry.Route))
            {
                TokenEpoch = entry.TokenEpoch,
                Attested = entry.Attested is null ? null : Shown(origin, $"{place}.attested", entry.Attested),
            };
        }

        var phase = Enum.GetValues<MovePhase>().Where(each => WordOf(each) == entry.Phase).Select(each => (MovePhase?)each).SingleOrDefault()
            ?? throw Wrong(origin, $"{place}.phase", entry.Phase, $"one of {string.Join(", ", Enum.GetValues<MovePhase>().Select(WordOf))}");
        var routes = entry.Routes ?? throw Wrong(origin, $"{place}.routes", null, "a source and a target");
        return new ServiceBinding(service, kind, entry.Epoch ?? 0, RouteOf(origin, $"{place}.routes.source", service, routes.Source))
        {
            Move = new BindingMove(RouteOf(origin, $"{place}.routes.target", service, routes.Target), phase),
            TokenEpoch = entry.TokenEpoch,
        };
    }

    /// <summary>As in the file, e.g. <c>key-value</c>.</summary>
    public static string WordOf<T>(T word)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(word.ToString());

    private static ServiceRoute RouteOf(string origin, string place, string service, EntryRoute? given)
    {
        var route = given ?? throw Wrong(origin, place, null, "what stands behind the service, such as { \"driver\": \"local\" }");
        var driver = route.Driver ?? throw Wrong(origin, $"{place}.driver", null, "the name of a driver, such as redis");
        var endpoint = route.Endpoint is null || Uri.TryCreate(route.Endpoint, UriKind.Absolute, out _)
            ? route.Endpoint
            : throw Wrong(origin, $"{place}.endpoint", route.Endpoint, "an address, such as redis://127.0.0.1:6379");
        return new ServiceRoute(
            driver, route.Transport ?? "direct", endpoint is null ? null : new Uri(endpoint), route.Region ?? "local", route.Resource ?? service)
        {
            Credential = route.Credential,
            Dialect = route.Dialect ?? new Dictionary<string, string>(),
        };
    }

    private static CapabilitySet Shown(string origin, string place, EntryAttested given) => new(
        (given.Capabilities ?? new Dictionary<string, string>()).ToDictionary(
            each => new Capability(each.Key),
            each => each.Value switch
            {
                "native" => CapabilityLevel.Native,
                "emulated" => CapabilityLevel.Emulated,
                var other => throw Wrong(origin, $"{place}.capabilities.{each.Key}", other, "native or emulated"),
            }),
        given.Limits,
        given.At);

    private static FuryException Wrong(string origin, string field, string? value, string right) =>
        Failure.Invalid($"{origin}: {field} is {(value is null ? "not given" : Check.Show(value))}; right is {right}.");

    /// <param name="Epoch">Null: each change of it is a further one.</param>
    /// <param name="State"><c>single</c> with a route, or <c>moving</c> with routes and a phase; null: single.</param>
    /// <param name="TokenEpoch">Of locks that move or have moved: the epoch before the first move; null: the binding's.</param>
    internal sealed record Entry(
        string? Service, string? Kind, long? Epoch, EntryRoute? Route, string? State, EntryRoutes? Routes, string? Phase, long? TokenEpoch)
    {
        /// <summary>What a probe of the route's resource has shown; null: the driver's word is taken.</summary>
        public EntryAttested? Attested { get; init; }
    }

    /// <param name="Capabilities">Each with its level: native or emulated.</param>
    internal sealed record EntryAttested(
        DateTimeOffset At, IReadOnlyDictionary<string, string>? Capabilities, IReadOnlyDictionary<string, long>? Limits);

    internal sealed record EntryRoutes(EntryRoute? Source, EntryRoute? Target);

    /// <param name="Resource">Null: the name of the service.</param>
    /// <param name="Dialect">How the resource differs from what its protocol says.</param>
    internal sealed record EntryRoute(
        string? Driver, string? Transport, string? Endpoint, string? Region, string? Resource, string? Credential,
        IReadOnlyDictionary<string, string>? Dialect);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(BindingsFile))]
internal sealed partial class BindingsJson : JsonSerializerContext;
