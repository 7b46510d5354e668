using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fury.Testing.Aws;

/// <summary>EKS of the fake: clusters are described and moved on by one minor version, one update at a time.</summary>
internal sealed class EksService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Cluster> _clusters = [];

    public void Add(string name, string version)
    {
        lock (_lock)
        {
            _clusters[name] = new() { Name = name, Version = version };
        }
    }

    public void End(bool badly)
    {
        lock (_lock)
        {
            foreach (var cluster in _clusters.Values)
            {
                foreach (var update in cluster.Updates.Where(update => !update.IsOver))
                {
                    (update.IsOver, update.Fails) = (true, badly);
                    cluster.Version = badly ? cluster.Version : update.Version;
                }
            }
        }
    }

    public JsonObject Answer(AwsCall call)
    {
        lock (_lock)
        {
            return (call.Method, call.Path.Split('/')[1..]) switch
            {
                ("GET", ["clusters", var name]) => new() { ["cluster"] = Seen(Find(name)) },
                ("GET", ["clusters", var name, "updates"]) => new()
                {
                    ["updateIds"] = new JsonArray([.. Find(name).Updates.Select(update => JsonValue.Create(update.Id))]),
                },
                ("GET", ["clusters", var name, "updates", var id]) => new() { ["update"] = Seen(Update(Find(name), id)) },
                ("POST", ["clusters", var name, "updates"]) => new() { ["update"] = Seen(Begin(Find(name), call)) },
                _ => throw new AwsRefusal(404, "UnknownOperationException", "There is no such operation."),
            };
        }
    }

    private Cluster Find(string name) => _clusters.GetValueOrDefault(name)
        ?? throw new AwsRefusal(404, "ResourceNotFoundException", $"No cluster found for name: {name}.");

    private static Change Begin(Cluster cluster, AwsCall call)
    {
        if (call.Headers.GetValueOrDefault("content-type") != "application/json" || JsonNode.Parse(call.Text) is not JsonObject wish)
        {
            throw new AwsRefusal(400, "InvalidParameterException", "The body must be JSON.");
        }

        if (wish.Select(member => member.Key).Except(["version", "clientRequestToken", "force"]).FirstOrDefault() is { } unknown)
        {
            throw new AwsRefusal(400, "InvalidParameterException", $"There is no parameter {unknown}.");
        }

        var (version, token) = ((string?)wish["version"] ?? "", (string?)wish["clientRequestToken"]);
        if (cluster.Updates.FirstOrDefault(update => token is not null && update.Token == token) is { } same)
        {
            return same;
        }

        if (cluster.Updates.Any(update => !update.IsOver))
        {
            throw new AwsRefusal(409, "ResourceInUseException", $"Cluster already has an update in progress: {cluster.Name}");
        }

        if (version != Next(cluster.Version))
        {
            throw new AwsRefusal(400, "InvalidParameterException", $"Unsupported Kubernetes minor version update from {cluster.Version} to {version}");
        }

        var begun = new Change(Guid.NewGuid().ToString(), version, token);
        cluster.Updates.Add(begun);
        return begun;
    }

    private static Change Update(Cluster cluster, string id) => cluster.Updates.FirstOrDefault(update => update.Id == id)
        ?? throw new AwsRefusal(404, "ResourceNotFoundException", $"No update found for ID: {id}");

    private static JsonObject Seen(Cluster cluster) => new()
    {
        ["name"] = cluster.Name,
        ["version"] = cluster.Version,
        ["status"] = cluster.Updates.Any(update => !update.IsOver) ? "UPDATING" : "ACTIVE",
        ["endpoint"] = $"https://{cluster.Name}.eks.example",
        ["certificateAuthority"] = new JsonObject { ["data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("-----BEGIN CERTIFICATE-----")) },
    };

    private static JsonObject Seen(Change update) => new()
    {
        ["id"] = update.Id,
        ["status"] = !update.IsOver ? "InProgress" : update.Fails ? "Failed" : "Successful",
        ["type"] = "VersionUpdate",
        ["params"] = new JsonArray(new JsonObject { ["type"] = "Version", ["value"] = update.Version }),
        ["errors"] = update is { IsOver: true, Fails: true }
            ? new JsonArray(new JsonObject { ["errorCode"] = "IpNotAvailable", ["errorMessage"] = "No address is left.", ["resourceIds"] = new JsonArray() })
            : new JsonArray(),
    };

    private static string Next(string version) => version.Split('.') is [var major, var minor] && int.TryParse(minor, out var number)
        ? $"{major}.{number + 1}"
        : throw new JsonException(version);

    private sealed class Cluster
    {
        public required string Name { get; init; }

        public required string Version { get; set; }

        public List<Change> Updates { get; } = [];
    }

    private sealed record Change(string Id, string Version, string? Token)
    {
        public bool IsOver { get; set; }

        public bool Fails { get; set; }
    }
}
