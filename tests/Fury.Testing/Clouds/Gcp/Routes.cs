using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>From a request to the method that it names. What is not named here is not there.</summary>
internal static class Routes
{
    private static readonly string[] ListQuery = ["filter", "maxResults", "pageToken", "orderBy"];

    public static async Task<JsonObject> Call(HttpRequest request, GceService compute, GkeService clusters, Uri home)
    {
        var parts = request.Path.Value!.Trim('/').Split('/');
        return (request.Method, parts) switch
        {
            ("GET", ["compute", "v1", "projects", FakeGoogle.Project, "zones"]) => Page(request, compute, GceWorld.AllZones(home), "compute#zoneList"),
            (var method, ["compute", "v1", "projects", FakeGoogle.Project, "zones", var zone, .. var rest]) =>
                await Zonal(method, request, compute, Zone(zone), rest, home),
            ("GET", ["v1", "projects", FakeGoogle.Project, "locations", var location, "clusters", var name]) => clusters.Cluster(location, name),
            ("POST", ["v1", "projects", FakeGoogle.Project, "locations", var location, "clusters", var name])
                when name.EndsWith(":updateMaster", StringComparison.Ordinal) =>
                clusters.UpdateMaster(location, name[..^":updateMaster".Length], await Body(request)),
            ("GET", ["v1", "projects", FakeGoogle.Project, "locations", var location, "operations"]) => clusters.Operations(location),
            ("GET", ["v1", "projects", FakeGoogle.Project, "locations", var location, "operations", var id]) => clusters.Operation(location, id),
            _ => throw GoogleError.NotFound($"{request.Method} {request.Path}"),
        };
    }

    private static async Task<JsonObject> Zonal(string method, HttpRequest request, GceService compute, string zone, string[] rest, Uri home) =>
        (method, rest) switch
        {
            ("GET", ["machineTypes"]) => Page(request, compute, GceWorld.TypesOf(zone, home), "compute#machineTypeList"),
            ("GET", ["instances"]) => Page(request, compute, compute.Instances(zone, home), "compute#instanceList"),
            ("GET", ["operations"]) => Page(
                request, compute, compute.Operations(zone, request.Query["orderBy"] == "creationTimestamp desc", home), "compute#operationList"),
            ("GET", ["instances", var name]) => compute.Get(zone, name, home),
            ("POST", ["instances"]) => compute.Insert(zone, await Body(request), Query(request, ["requestId"], "requestId"), home),
            ("DELETE", ["instances", var name]) => compute.Delete(zone, name, Query(request, ["requestId"], "requestId"), home),
            _ => throw GoogleError.NotFound($"{method} {request.Path}"),
        };

    private static string Zone(string zone) =>
        GceWorld.Zones.Contains(zone) ? zone : throw GoogleError.NotFound($"projects/{FakeGoogle.Project}/zones/{zone}");

    private static JsonObject Page(HttpRequest request, GceService compute, IEnumerable<JsonObject> all, string kind)
    {
        if (Query(request, ListQuery, "orderBy") is { } order and not "creationTimestamp desc")
        {
            throw GoogleError.Invalid("orderBy", order, "Only 'creationTimestamp desc' and 'name' are.");
        }

        var size = Query(request, ListQuery, "maxResults") is { } text
            ? int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : throw GoogleError.Invalid("maxResults", text, "Must be a number.")
            : 500;
        return compute.Page(all, kind, Query(request, ListQuery, "filter"), size, Query(request, ListQuery, "pageToken"));
    }

    /// <summary>Null when it is not given; one that the method does not know is refused.</summary>
    private static string? Query(HttpRequest request, string[] known, string name) =>
        request.Query.Keys.FirstOrDefault(key => !known.Contains(key)) is { } unknown
            ? throw new GoogleError(400, $"Invalid JSON payload received. Unknown name \"{unknown}\": Cannot bind query parameter.", "badRequest")
            : request.Query.TryGetValue(name, out var value) ? $"{value}" : null;

    private static async Task<JsonObject> Body(HttpRequest request)
    {
        if (request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != true)
        {
            throw new GoogleError(400, "Content must be JSON.", "badRequest");
        }

        try
        {
            return await JsonNode.ParseAsync(request.Body) as JsonObject ?? throw new GoogleError(400, "Parse Error", "parseError");
        }
        catch (JsonException)
        {
            throw new GoogleError(400, "Parse Error", "parseError");
        }
    }
}
