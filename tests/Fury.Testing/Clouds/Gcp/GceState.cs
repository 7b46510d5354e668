using System.Globalization;
using System.Text.Json.Nodes;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>An instance, by what was asked for and when what happened to it; its status follows from the time.</summary>
internal sealed class GceVm(string zone, string name, JsonObject body, string address, DateTimeOffset made, GceSpeeds speeds)
{
    public string Zone => zone;

    public string Name => name;

    public bool IsSpot => $"{body["scheduling"]?["provisioningModel"]}" == "SPOT";

    public DateTimeOffset? DeletedAt { get; set; }

    public bool HasDied { get; set; }

    public bool IsThere(DateTimeOffset now) => DeletedAt is not { } deleted || now < deleted + speeds.Stop;

    public bool IsVisible(DateTimeOffset now) => IsThere(now) && now >= made + speeds.VisibleAfter;

    public CloudMachine ToMachine(DateTimeOffset now) => new(
        $"{zone}/{name}", address, UserData, IsUp: Status(now) == "RUNNING", DeletedAt is not null || HasDied, HasDied);

    public JsonObject Read(DateTimeOffset now, Uri home)
    {
        var seen = (JsonObject)body.DeepClone();
        seen["kind"] = "compute#instance";
        seen["id"] = "4611686018427387904";
        seen["zone"] = GceWorld.Link(home, $"zones/{zone}");
        seen["machineType"] = GceWorld.Link(home, $"{body["machineType"]}");
        seen["status"] = Status(now);
        seen["creationTimestamp"] = made.ToString("O", CultureInfo.InvariantCulture);
        seen["networkInterfaces"]![0]!["networkIP"] = address;
        return seen;
    }

    private string UserData =>
        body["metadata"]!["items"]!.AsArray().Where(item => $"{item!["key"]}" == "startup-script").Select(item => $"{item!["value"]}").SingleOrDefault() ?? "";

    private string Status(DateTimeOffset now) =>
        DeletedAt is not null ? "STOPPING"
        : HasDied ? "TERMINATED"
        : now < made + (speeds.Boot / 2) ? "PROVISIONING"
        : now < made + speeds.Boot ? "STAGING"
        : "RUNNING";
}

/// <summary>How long things take.</summary>
internal sealed class GceSpeeds
{
    public TimeSpan Boot { get; set; } = TimeSpan.FromMilliseconds(60);

    public TimeSpan Stop { get; set; } = TimeSpan.FromMilliseconds(60);

    public TimeSpan Operation { get; set; } = TimeSpan.FromMilliseconds(40);

    public TimeSpan VisibleAfter { get; set; }
}

/// <summary>What was done to an instance; it is done, or has failed, when it ends.</summary>
internal sealed record GceAction(
    string Name, string Zone, string Type, string Target, DateTimeOffset At, DateTimeOffset Ends, string? RequestId, (string Code, string Message)? Error)
{
    public JsonObject Read(DateTimeOffset now, Uri home)
    {
        var isDone = now >= Ends;
        var seen = new JsonObject
        {
            ["kind"] = "compute#operation",
            ["id"] = "2305843009213693952",
            ["name"] = Name,
            ["operationType"] = Type,
            ["zone"] = GceWorld.Link(home, $"zones/{Zone}"),
            ["targetLink"] = GceWorld.Link(home, $"zones/{Zone}/instances/{Target}"),
            ["targetId"] = "4611686018427387904",
            ["status"] = isDone ? "DONE" : "RUNNING",
            ["progress"] = isDone ? 100 : 0,
            ["insertTime"] = At.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture),
        };
        if (RequestId is not null)
        {
            seen["clientOperationId"] = RequestId;
        }

        if (isDone && Error is { } error)
        {
            seen["httpErrorStatusCode"] = 503;
            seen["httpErrorMessage"] = "SERVICE UNAVAILABLE";
            seen["error"] = new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["code"] = error.Code, ["message"] = error.Message }) };
        }

        return seen;
    }
}
