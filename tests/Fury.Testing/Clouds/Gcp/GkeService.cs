using System.Globalization;
using System.Text.Json.Nodes;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>Google Kubernetes Engine v1, as far as Fury calls it: clusters, the upgrade of their control plane, and operations.</summary>
internal sealed class GkeService(TimeProvider clock)
{
    /// <summary>How long an upgrade takes.</summary>
    private static readonly TimeSpan Upgrade = TimeSpan.FromMilliseconds(100);

    private static readonly Shape Update = Shape.Object(("masterVersion", Shape.Text));
    private static readonly string[] Offered = ["1.32.9-gke.100", "1.33.5-gke.200", "1.34.1-gke.300"];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Version, string? Operation)> _clusters = [];
    private readonly Dictionary<string, (string Location, string Cluster, string Version, DateTimeOffset Ends, string? Error)> _operations = [];

    /// <summary>The next upgrade ends so.</summary>
    public string? NextError { get; set; }

    /// <summary>True: upgrades that are under way stay so.</summary>
    public bool IsHolding { get; set; }

    public void Add(string location, string name, string version)
    {
        lock (_lock)
        {
            _clusters[$"{location}/{name}"] = (version, null);
        }
    }

    public JsonObject Cluster(string location, string name)
    {
        lock (_lock)
        {
            var (version, operation) = Settled(location, name);
            return new()
            {
                ["name"] = name,
                ["location"] = location,
                ["currentMasterVersion"] = version,
                ["endpoint"] = "127.0.0.1",
                ["status"] = operation is null ? "RUNNING" : "RECONCILING",
                ["masterAuth"] = new JsonObject { ["clusterCaCertificate"] = Convert.ToBase64String("-----BEGIN CERTIFICATE-----"u8) },
            };
        }
    }

    public JsonObject UpdateMaster(string location, string name, JsonObject body)
    {
        GoogleError.Checked(() => Update.Check(body, "update_master_request"));
        lock (_lock)
        {
            var (version, busy) = Settled(location, name);
            if (busy is not null)
            {
                throw new GoogleError(400, $"Operation {busy} is currently upgrading cluster {name}.", null, "FAILED_PRECONDITION");
            }

            var wanted = $"{body["masterVersion"]}";
            var exact = Offered.LastOrDefault(one => one == wanted || one.StartsWith(wanted + ".", StringComparison.Ordinal))
                ?? throw new GoogleError(400, $"Master version \"{wanted}\" is unsupported.", null, "INVALID_ARGUMENT");
            if (Minor(exact) < Minor(version) || Minor(exact) > Minor(version) + 1)
            {
                throw new GoogleError(400, $"Master cannot be upgraded to \"{exact}\": it is too many minor versions away.", null, "INVALID_ARGUMENT");
            }

            if (exact == version)
            {
                throw new GoogleError(400, $"Master is already at version {version}.", null, "INVALID_ARGUMENT");
            }

            var id = $"operation-{1700000000000 + _operations.Count}-0123abcd";
            _operations[id] = (location, name, exact, clock.GetUtcNow() + Upgrade, NextError);
            NextError = null;
            _clusters[$"{location}/{name}"] = (version, id);
            return Read(id);
        }
    }

    public JsonObject Operation(string location, string id)
    {
        lock (_lock)
        {
            return _operations.TryGetValue(id, out var known) && known.Location == location
                ? Read(id)
                : throw new GoogleError(404, $"Not found: projects/{FakeGoogle.Project}/locations/{location}/operations/{id}.", null, "NOT_FOUND");
        }
    }

    /// <summary>Of those that are under way or were.</summary>
    public JsonObject Operations(string location)
    {
        lock (_lock)
        {
            return new() { ["operations"] = new JsonArray([.. _operations.Where(one => one.Value.Location == location).Select(one => Read(one.Key))]) };
        }
    }

    private static int Minor(string version) => int.Parse(version.Split('.')[1], CultureInfo.InvariantCulture);

    private JsonObject Read(string id)
    {
        var known = _operations[id];
        var isDone = !IsHolding && clock.GetUtcNow() >= known.Ends;
        var seen = new JsonObject
        {
            ["name"] = id,
            ["operationType"] = "UPGRADE_MASTER",
            ["status"] = isDone ? "DONE" : "RUNNING",
            ["targetLink"] = $"https://container.googleapis.com/v1/projects/1/locations/{known.Location}/clusters/{known.Cluster}",
            ["location"] = known.Location,
        };
        if (isDone && known.Error is { } error)
        {
            seen["error"] = new JsonObject { ["code"] = 13, ["message"] = error };
        }

        return seen;
    }

    private (string Version, string? Operation) Settled(string location, string name)
    {
        if (!_clusters.TryGetValue($"{location}/{name}", out var cluster))
        {
            throw new GoogleError(404, $"Not found: projects/{FakeGoogle.Project}/locations/{location}/clusters/{name}.", null, "NOT_FOUND");
        }

        if (cluster.Operation is { } id && !IsHolding && _operations[id] is var known && clock.GetUtcNow() >= known.Ends)
        {
            cluster = _clusters[$"{location}/{name}"] = (known.Error is null ? known.Version : cluster.Version, null);
        }

        return cluster;
    }
}
