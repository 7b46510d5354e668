using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.LocalCluster;

/// <summary>What a cluster tells of itself: its version, the groups and kinds that it serves, and OpenAPI.</summary>
/// <param name="further">Groups that hold nothing, as <c>GROUP/VERSION</c>.</param>
internal sealed class Documents(ClusterVersion version, IReadOnlyList<string> further, Func<string> address)
{
    public static bool IsHealth(HttpContext http) => http.Request.Path.Value is "/healthz" or "/livez" or "/readyz";

    /// <summary>False when the address is none of these.</summary>
    public async Task<bool> TryAnswer(HttpContext http)
    {
        if (http.Request.Method is not ("GET" or "HEAD"))
        {
            return false;
        }

        if (http.Request.Path.Value is "/openapi/v2" && OpenApiV2.WantsProtobuf(http.Request.Headers.Accept.ToString()))
        {
            await Answers.Bytes(http, StatusCodes.Status200OK, OpenApiV2.Protobuf(version), OpenApiV2.ProtobufType);
            return true;
        }

        if (IsHealth(http))
        {
            await Answers.Bytes(http, StatusCodes.Status200OK, "ok"u8.ToArray(), "text/plain");
            return true;
        }

        if (Find(http.Request) is not { } document)
        {
            return false;
        }

        await Answers.Json(http, document);
        return true;
    }

    private JsonObject? Find(HttpRequest request) => request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        [] => new() { ["paths"] = new JsonArray([.. Paths().Select(path => (JsonNode)path)]) },
        ["version"] => Version(),
        ["api"] => Core(),
        ["apis"] => new() { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. Groups().Select(Group)]) },
        ["api", var v] => Resources("", v),
        ["apis", var group] => Groups().Contains(group) ? Named(Group(group)) : null,
        ["apis", var group, var v] => Resources(group, v),
        ["openapi", "v2"] => OpenApiV2.Json(version),
        ["openapi", "v3"] => OpenApiV3.Root(version),
        ["openapi", "v3", "api", var v] => OpenApiV3.Of(version, "", v),
        ["openapi", "v3", "apis", var group, var v] => OpenApiV3.Of(version, group, v),
        _ => null,
    };

    private JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = version.Minor.ToString(CultureInfo.InvariantCulture),
        ["gitVersion"] = version.GitVersion,
        ["gitCommit"] = "0000000000000000000000000000000000000000",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "none",
        ["platform"] = "linux/amd64",
    };

    private JsonObject Core() => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address() }),
    };

    private IEnumerable<string> Groups() =>
        version.Served.Select(served => served.Kind.Group).Where(group => group.Length > 0).Concat(further.Select(one => one.Split('/')[0])).Distinct();

    private IEnumerable<string> VersionsOf(string group) => version.Served.Where(served => served.Kind.Group == group).Select(served => served.Version.Name)
        .Concat(further.Select(one => one.Split('/')).Where(one => one[0] == group).Select(one => one[1]))
        .Distinct();

    private JsonObject Group(string group)
    {
        var versions = VersionsOf(group)
            .Select(name => new JsonObject { ["groupVersion"] = $"{group}/{name}", ["version"] = name }).ToList();
        return new()
        {
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions]),
            ["preferredVersion"] = versions[0].DeepClone(),
        };
    }

    private static JsonObject Named(JsonObject group)
    {
        group["kind"] = "APIGroup";
        group["apiVersion"] = "v1";
        return group;
    }

    private JsonObject? Resources(string group, string v)
    {
        var served = version.Served.Where(served => served.Kind.Group == group && served.Version.Name == v).ToList();
        var name = group.Length == 0 ? v : $"{group}/{v}";
        return served.Count == 0 && !further.Contains(name) ? null : new()
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = name,
            ["resources"] = new JsonArray([.. served.SelectMany(ResourcesOf)]),
        };
    }

    private static IEnumerable<JsonObject> ResourcesOf(Served served)
    {
        var kind = served.Kind;
        string[] verbs = kind.IsMeasured ? ["get", "list"] : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
        var resource = Resource(kind.Plural, kind, kind.Name, verbs);
        resource["singularName"] = kind.Singular;
        if (kind.ShortNames.Count > 0)
        {
            resource["shortNames"] = new JsonArray([.. kind.ShortNames.Select(name => (JsonNode)name)]);
        }

        if (kind.InAll)
        {
            resource["categories"] = new JsonArray("all");
        }

        resource["storageVersionHash"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(kind.Plural.PadRight(6)[..6]));
        yield return resource;
        if (kind.HasStatus)
        {
            yield return Resource($"{kind.Plural}/status", kind, kind.Name, ["get", "patch", "update"]);
        }

        if (kind.HasScale)
        {
            yield return Foreign($"{kind.Plural}/scale", kind, "Scale", "autoscaling", "v1", ["get", "patch", "update"]);
        }

        if (kind == AllKinds.Pods)
        {
            yield return Resource("pods/binding", kind, "Binding", ["create"]);
            yield return Foreign("pods/eviction", kind, "Eviction", "policy", "v1", ["create"]);
            yield return Resource("pods/log", kind, "Pod", ["get"]);
        }
        else if (kind == AllKinds.Namespaces)
        {
            yield return Resource("namespaces/finalize", kind, "Namespace", ["update"]);
        }
    }

    private static JsonObject Foreign(string name, Kind kind, string kindName, string group, string v, string[] verbs)
    {
        var resource = Resource(name, kind, kindName, verbs);
        resource["group"] = group;
        resource["version"] = v;
        return resource;
    }

    private static JsonObject Resource(string name, Kind kind, string kindName, string[] verbs) => new()
    {
        ["name"] = name,
        ["singularName"] = "",
        ["namespaced"] = kind.Namespaced,
        ["kind"] = kindName,
        ["verbs"] = new JsonArray([.. verbs.Select(verb => (JsonNode)verb)]),
    };

    private IEnumerable<string> Paths() =>
    [
        "/api", "/api/v1", "/apis", .. Groups().SelectMany(group => VersionsOf(group).Select(v => $"/apis/{group}/{v}").Prepend($"/apis/{group}")),
        "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version",
    ];
}
