using System.Text.Json.Nodes;
using Fury.Cli.Http;
using Fury.Kernel;

namespace Fury.Cli.Project;

/// <summary>What can be declared, in the order in which it is made: each stands on those before it.</summary>
internal enum Thing
{
    Application,
    Service,
    Scope,
    Routing,
    Dependencies,
    Binding,
    Schedule,
    Freeze,
    Webhook,
}

/// <summary>Something of the platform, by what the API calls it.</summary>
/// <param name="Name">For people, e.g. <c>shop/production-web key-value carts</c>.</param>
/// <param name="Path">Of the API, where it is put.</param>
internal sealed record Place(Thing Thing, string Name, string Path)
{
    public Shape Shape => Thing switch
    {
        Thing.Application => ManifestShape.Application,
        Thing.Scope => ManifestShape.Scope,
        Thing.Routing => ManifestShape.Routing,
        Thing.Dependencies => new Fields(("declared", new Many(ManifestShape.Line(100), true))),
        Thing.Binding => ManifestShape.Binding,
        Thing.Schedule => ManifestShape.Schedule,
        Thing.Freeze => ManifestShape.Freeze,
        Thing.Webhook => ManifestShape.Webhook,
        _ => new Fields(),
    };

    public override string ToString() => $"{Word.Of(Thing)} {Name}";

    public static Place OfApplication(ApplicationName name) => new(Thing.Application, name.Value, Routes.Application(name));

    public static Place OfService(ApplicationName application, string kind, string name) =>
        new(Thing.Service, $"{application} {kind} {name}", Routes.Service(application, kind, name));

    public static Place OfScope(ScopeRef scope) => new(Thing.Scope, $"{scope}", Routes.Scope(scope));

    public static Place OfRouting(ScopeRef scope) => new(Thing.Routing, $"{scope}", Routes.TrafficPolicy(scope));

    public static Place OfDependencies(ScopeRef scope) => new(Thing.Dependencies, $"{scope}", Routes.Dependencies(scope));

    public static Place OfBinding(ScopeRef scope, string kind, string name) =>
        new(Thing.Binding, $"{scope} {kind} {name}", Routes.Binding(scope, kind, name));

    public static Place OfSchedule(ScopeRef scope, string name) => new(Thing.Schedule, $"{scope} {name}", Routes.Schedule(scope, name));

    public static Place OfFreeze(string name) => new(Thing.Freeze, name, Routes.Freeze(name));

    public static Place OfWebhook(string name) => new(Thing.Webhook, name, Routes.Webhook(name));
}

/// <summary>What is to be there.</summary>
/// <param name="Body">Only what the file says.</param>
internal sealed record Wish(Place Place, JsonObject Body);

/// <summary>What <c>fury.yaml</c> declares.</summary>
internal static class Wishes
{
    private static readonly string[] OfOthers = ["services", "scopes", "routing", "dependencies", "bindings", "schedules", "deploy"];

    /// <summary>In the order in which they are made.</summary>
    /// <param name="manifest">What <see cref="ManifestReader"/> has read.</param>
    public static IReadOnlyList<Wish> Of(JsonObject manifest) =>
        [.. All(manifest).OrderBy(wish => wish.Place.Thing).ThenBy(wish => wish.Place.Name, StringComparer.Ordinal)];

    private static IEnumerable<Wish> All(JsonObject manifest)
    {
        foreach (var (name, said) in Each(manifest, "applications"))
        {
            var application = ApplicationName.Parse(name);
            yield return new(Place.OfApplication(application), Own(said));
            foreach (var (kind, names) in Each(said, "services"))
            {
                foreach (var service in ((JsonArray)names!).Select(one => one!.GetValue<string>()).Distinct())
                {
                    yield return new(Place.OfService(application, kind, service), []);
                }
            }

            foreach (var (scope, settings) in Each(said, "scopes"))
            {
                foreach (var wish in OfScope(new(application, ScopeName.Parse(scope)), (JsonObject)settings!))
                {
                    yield return wish;
                }
            }
        }

        foreach (var (name, freeze) in Each(manifest, "freezes"))
        {
            yield return new(Place.OfFreeze(name), Filled(freeze, FreezeDefaults(freeze)));
        }

        foreach (var (name, webhook) in Each(manifest, "webhooks"))
        {
            yield return new(Place.OfWebhook(name), Filled(webhook, WebhookDefaults));
        }
    }

    private static IEnumerable<Wish> OfScope(ScopeRef scope, JsonObject settings)
    {
        yield return new(Place.OfScope(scope), Own(settings));
        if (settings["routing"] is JsonObject routing)
        {
            yield return new(Place.OfRouting(scope), routing);
        }

        if (settings["dependencies"] is { } dependencies)
        {
            yield return new(Place.OfDependencies(scope), new() { ["declared"] = dependencies.DeepClone() });
        }

        foreach (var (kind, bindings) in Each(settings, "bindings"))
        {
            foreach (var (service, route) in (JsonObject)bindings!)
            {
                yield return new(Place.OfBinding(scope, kind, service), Filled(Filled(route, new() { ["resource"] = service }), RouteDefaults));
            }
        }

        foreach (var (name, schedule) in Each(settings, "schedules"))
        {
            yield return new(Place.OfSchedule(scope, name), (JsonObject)schedule!);
        }
    }

    // These are said whole: half of what another driver had, or of another freeze, would be wrong with the new one.
    private static JsonObject RouteDefaults => new()
    {
        ["transport"] = "direct",
        ["endpoint"] = null,
        ["region"] = "local",
        ["credential"] = null,
        ["dialect"] = new JsonObject(),
    };

    private static JsonObject FreezeDefaults(JsonNode? said) => new()
    {
        ["kind"] = "deny",
        ["covers"] = new JsonObject(
            ((Fields)ManifestShape.Freeze.Find("covers")!).All.Select(one => KeyValuePair.Create(one.Name, (JsonNode?)new JsonArray()))),
        ["from"] = null,
        ["to"] = null,
        ["recurs"] = said?["recurs"] is JsonObject ? new JsonObject { ["timeZone"] = "Etc/UTC" } : null,
        ["inFlight"] = "hold",
    };

    private static JsonObject WebhookDefaults => new()
    {
        ["teams"] = new JsonArray(),
        ["applications"] = new JsonArray(),
        ["scopes"] = new JsonArray(),
        ["phases"] = new JsonArray(),
        ["enabled"] = true,
    };

    private static JsonObject Filled(JsonNode? said, JsonObject otherwise)
    {
        var filled = (JsonObject)said!.DeepClone();
        foreach (var (name, value) in otherwise)
        {
            if (!filled.ContainsKey(name))
            {
                filled[name] = value?.DeepClone();
            }
            else if (filled[name] is JsonObject inner && value is JsonObject within)
            {
                filled[name] = Filled(inner, within);
            }
        }

        return filled;
    }

    private static JsonObject Each(JsonNode? node, string name) => node?[name] as JsonObject ?? [];

    private static JsonObject Own(JsonNode? said) =>
        new(((JsonObject)said!).Where(one => !OfOthers.Contains(one.Key)).Select(one => KeyValuePair.Create(one.Key, one.Value?.DeepClone())));
}
