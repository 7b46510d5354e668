using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.Testing.Clouds.Azure;

/// <summary>From a request to what it asks for. What is not named here is not there; capitals are as small letters in a path.</summary>
internal static class AzureRoutes
{
    private const string Compute = "2024-07-01";
    private const string Network = "2024-05-01";
    private const string Skus = "2021-07-01";

    public static async Task<(int Code, JsonObject? Body)> Call(HttpRequest request, AzureService machines, Uri home, int pageMax)
    {
        var parts = request.Path.Value!.Trim('/').ToLowerInvariant().Split('/');
        if (parts is not ["subscriptions", FakeAzure.Subscription, .. var rest])
        {
            throw new AzureError(404, "SubscriptionNotFound", "The subscription could not be found.");
        }

        switch (request.Method, rest)
        {
            case ("GET", ["providers", "microsoft.compute", "skus"]):
                Version(request, Skus, "$filter");
                return (200, Page(request, [.. AzureWorld.Skus(Location($"{request.Query["$filter"]}"))], home, pageMax));
            case ("GET", ["providers", "microsoft.compute", "virtualmachines"]):
                Version(request, Compute, "statusOnly");
                Require(request.Query["statusOnly"] == "true", "The fake lists a subscription only for what its machines do.");
                return (200, Page(request, machines.List((one, now) => one.Status(now)), home, pageMax));
            case (_, ["resourcegroups", var group, ..]) when !group.Equals(FakeAzure.GroupName, StringComparison.OrdinalIgnoreCase):
                throw new AzureError(404, "ResourceGroupNotFound", $"Resource group '{group}' could not be found.");
            case ("GET", ["resourcegroups", _, "providers", "microsoft.compute", "virtualmachines"]):
                Version(request, Compute);
                return (200, Page(request, machines.List((one, now) => one.Read(now, isExpanded: false)), home, pageMax));
            case ("GET", ["resourcegroups", _, "providers", "microsoft.network", "networkinterfaces"]):
                Version(request, Network);
                return (200, Page(request, machines.List((one, _) => one.Nic()), home, pageMax));
            case ("GET", ["resourcegroups", _, "providers", "microsoft.network", "networkinterfaces", var nic]):
                Version(request, Network);
                return (200, machines.GetNic(nic));
            case (var method, ["resourcegroups", _, "providers", "microsoft.compute", "virtualmachines", var name]):
                return await Machine(method, request, machines, name);
            default:
                throw AzureError.NotFound($"{request.Method} {request.Path}");
        }
    }

    private static async Task<(int Code, JsonObject? Body)> Machine(string method, HttpRequest request, AzureService machines, string name)
    {
        Version(request, Compute, "$expand");
        switch (method)
        {
            case "GET":
                Require(!request.Query.ContainsKey("$expand") || request.Query["$expand"] == "instanceView", "$expand is not valid.");
                return (200, machines.Get(name, request.Query["$expand"] == "instanceView"));
            case "PUT":
                Require($"{request.Headers.IfNoneMatch}" is "" or "*", "If-None-Match takes only '*'.");
                return (201, machines.Put(name, await Body(request), request.Headers.IfNoneMatch));
            case "DELETE":
                return machines.Delete(name) ? (202, null) : (204, null);
            default:
                throw new AzureError(405, "MethodNotAllowed", method);
        }
    }

    private static void Version(HttpRequest request, string version, params string[] others)
    {
        if (request.Query["api-version"] != version)
        {
            throw new AzureError(400, "InvalidApiVersionParameter", $"The api-version '{request.Query["api-version"]}' is invalid.");
        }

        var unknown = request.Query.Keys.Except([.. others, "api-version", "$skiptoken"]).FirstOrDefault();
        Require(unknown is null, $"The query parameter '{unknown}' is not known.");
    }

    private static string Location(string filter) =>
        AzureWorld.Regions.FirstOrDefault(region => filter == $"location eq '{region}'")
        ?? throw new AzureError(400, "InvalidFilterInQueryString", $"Invalid $filter '{filter}'.");

    private static JsonObject Page(HttpRequest request, List<JsonObject> all, Uri home, int pageMax)
    {
        var from = 0;
        Require(
            !request.Query.ContainsKey("$skiptoken") || int.TryParse(request.Query["$skiptoken"], CultureInfo.InvariantCulture, out from),
            "The $skiptoken is not valid.");
        var page = new JsonObject { ["value"] = new JsonArray([.. all.Skip(from).Take(pageMax)]) };
        if (all.Count > from + pageMax)
        {
            var query = request.Query.Where(one => one.Key != "$skiptoken").Select(one => $"{one.Key}={Uri.EscapeDataString($"{one.Value}")}");
            page["nextLink"] = new Uri(home, $"{request.Path}?{string.Join('&', query)}&$skiptoken={from + pageMax}").AbsoluteUri;
        }

        return page;
    }

    private static async Task<JsonObject> Body(HttpRequest request)
    {
        try
        {
            return await JsonNode.ParseAsync(request.Body) as JsonObject ?? throw new AzureError(400, "InvalidRequestContent", "It is no object.");
        }
        catch (JsonException)
        {
            throw new AzureError(400, "InvalidRequestContent", "It is no JSON.");
        }
    }

    private static void Require(bool ok, string message)
    {
        if (!ok)
        {
            throw AzureError.Invalid(message);
        }
    }
}
