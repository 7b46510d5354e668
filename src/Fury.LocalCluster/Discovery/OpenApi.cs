using System.Text;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>
/// OpenAPI v2, without models: a client that finds no model of a kind does not check objects of it by itself, and leaves that to the server.
/// Clients written in Go ask for it as protobuf only.
/// </summary>
internal static class OpenApiV2
{
    /// <summary>With a dot before its version: a client that reads media types strictly refuses the at sign that it asks with.</summary>
    public const string ProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private const string Title = "Kubernetes (a local cluster of Fury, for development)";

    // Numbers of the fields in the proto of OpenAPI v2: Document.swagger, Document.info, Document.paths; Info.title, Info.version.
    private const byte SwaggerField = 1;
    private const byte InfoField = 2;
    private const byte PathsField = 8;
    private const byte TitleField = 1;
    private const byte VersionField = 2;

    public static bool WantsProtobuf(string accept) =>
        accept.Contains("proto-openapi.spec.v2", StringComparison.Ordinal) && !accept.Contains("application/json", StringComparison.Ordinal);

    public static JsonObject Json(ClusterVersion version) => new()
    {
        ["swagger"] = "2.0",
        ["info"] = new JsonObject { ["title"] = Title, ["version"] = version.GitVersion },
        ["paths"] = new JsonObject(),
        ["definitions"] = new JsonObject(),
    };

    public static byte[] Protobuf(ClusterVersion version) =>
    [
        .. Field(SwaggerField, "2.0"u8),
        .. Field(InfoField, [.. Field(TitleField, Encoding.UTF8.GetBytes(Title)), .. Field(VersionField, Encoding.UTF8.GetBytes(version.GitVersion))]),
        .. Field(PathsField, []),
    ];

    /// <summary>A field that has a length. All of them are shorter than 128 bytes here, so the length is one byte.</summary>
    private static byte[] Field(byte number, ReadOnlySpan<byte> value)
    {
        const int LengthDelimited = 2;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, 127);
        return [(byte)((number << 3) | LengthDelimited), (byte)value.Length, .. value];
    }
}

/// <summary>OpenAPI v3: for each group and version the addresses of its kinds, with the parameters by which clients find out what is supported.</summary>
internal static class OpenApiV3
{
    private static readonly string[] Writes = ["post", "put", "patch", "delete"];

    public static JsonObject Root(ClusterVersion version)
    {
        var paths = new JsonObject();
        foreach (var served in version.Served)
        {
            var path = served.Kind.Group.Length == 0 ? $"api/{served.Version.Name}" : $"apis/{served.ApiVersion}";
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={version.Minor}" };
        }

        return new() { ["paths"] = paths };
    }

    public static JsonObject? Of(ClusterVersion version, string group, string v)
    {
        var served = version.Served.Where(served => served.Kind.Group == group && served.Version.Name == v).ToList();
        if (served.Count == 0)
        {
            return null;
        }

        var (paths, schemas) = (new JsonObject(), new JsonObject());
        foreach (var one in served)
        {
            var kind = one.Kind;
            var prefix = group.Length == 0 ? $"/api/{v}" : $"/apis/{group}/{v}";
            var collection = kind.Namespaced ? $"{prefix}/namespaces/{{namespace}}/{kind.Plural}" : $"{prefix}/{kind.Plural}";
            paths[collection] = Operations(one, ["get", "post", "delete"]);
            paths[$"{collection}/{{name}}"] = Operations(one, ["get", "put", "patch", "delete"]);
            schemas[$"{(group.Length == 0 ? "core" : group)}.{v}.{kind.Name}"] = new JsonObject
            {
                ["type"] = "object",
                ["x-kubernetes-preserve-unknown-fields"] = true,
                ["x-kubernetes-group-version-kind"] = new JsonArray(Names(one)),
            };
        }

        return new()
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = version.GitVersion },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject Operations(Served served, string[] methods)
    {
        var operations = new JsonObject();
        foreach (var method in methods)
        {
            var parameters = new JsonArray();
            foreach (var name in (string[])(Writes.Contains(method) ? ["dryRun", "fieldManager"] : ["labelSelector", "fieldSelector"]))
            {
                parameters.Add(new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string" } });
            }

            operations[method] = new JsonObject
            {
                ["parameters"] = parameters,
                ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
                ["x-kubernetes-group-version-kind"] = Names(served),
            };
        }

        return operations;
    }

    private static JsonObject Names(Served served) =>
        new() { ["group"] = served.Kind.Group, ["version"] = served.Version.Name, ["kind"] = served.Kind.Name };
}
