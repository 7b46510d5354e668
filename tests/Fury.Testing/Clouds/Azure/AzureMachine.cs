using System.Globalization;
using System.Text.Json.Nodes;

namespace Fury.Testing.Clouds.Azure;

/// <summary>How long things take.</summary>
internal sealed class AzureSpeeds
{
    public TimeSpan Boot { get; set; } = TimeSpan.FromMilliseconds(60);

    public TimeSpan Stop { get; set; } = TimeSpan.FromMilliseconds(60);

    public TimeSpan VisibleAfter { get; set; }
}

/// <summary>A virtual machine, by what was asked for and when what happened to it; its states follow from the time.</summary>
internal sealed class AzureMachine(string name, JsonObject body, string address, DateTimeOffset made, (string Code, string Message)? error, AzureSpeeds speeds)
{
    private (string Power, DateTimeOffset At)? _ended;

    public string Name => name;

    public bool IsSpot => $"{body["properties"]!["priority"]}" == "Spot";

    public DateTimeOffset? DeletedAt { get; set; }

    public string Id => $"{FakeAzure.Group}/providers/Microsoft.Compute/virtualMachines/{name}";

    public string NicId => $"{FakeAzure.Group}/providers/Microsoft.Network/networkInterfaces/{name}-nic";

    public bool IsThere(DateTimeOffset now) => DeletedAt is not { } deleted || now < deleted + speeds.Stop;

    public bool IsVisible(DateTimeOffset now) => IsThere(now) && now >= made + speeds.VisibleAfter;

    public void End(string power, DateTimeOffset at) => _ended = (power, at);

    public JsonObject Body => (JsonObject)body.DeepClone();

    /// <param name="isExpanded">What it does now goes along.</param>
    public JsonObject Read(DateTimeOffset now, bool isExpanded)
    {
        var seen = (JsonObject)body.DeepClone();
        seen["id"] = Id;
        seen["name"] = name;
        seen["type"] = "Microsoft.Compute/virtualMachines";
        var properties = seen["properties"]!;
        properties["provisioningState"] = State(now);
        properties["osProfile"]!.AsObject().Remove("customData");
        if (error is null)
        {
            properties["networkProfile"] = new JsonObject { ["networkInterfaces"] = new JsonArray(new JsonObject { ["id"] = NicId }) };
        }

        if (isExpanded)
        {
            properties["instanceView"] = new JsonObject { ["statuses"] = Statuses(now) };
        }

        return seen;
    }

    /// <summary>Of a list of what all do: with little besides. Ids are written in other capitals there.</summary>
    public JsonObject Status(DateTimeOffset now) => new()
    {
        ["id"] = Id.ToUpperInvariant(),
        ["name"] = name,
        ["location"] = $"{body["location"]}",
        ["properties"] = new JsonObject { ["provisioningState"] = State(now), ["instanceView"] = new JsonObject { ["statuses"] = Statuses(now) } },
    };

    /// <summary>Null where it never had one.</summary>
    public JsonObject? Nic() => error is not null ? null : new()
    {
        ["id"] = NicId,
        ["name"] = $"{name}-nic",
        ["properties"] = new JsonObject
        {
            ["virtualMachine"] = new JsonObject { ["id"] = Id },
            ["ipConfigurations"] = new JsonArray(new JsonObject { ["name"] = "own", ["properties"] = new JsonObject { ["privateIPAddress"] = address } }),
        },
    };

    private string State(DateTimeOffset now) =>
        DeletedAt is not null ? "Deleting"
        : now < made + (speeds.Boot / 2) ? "Creating"
        : error is not null ? "Failed"
        : "Succeeded";

    private JsonArray Statuses(DateTimeOffset now)
    {
        var state = State(now);
        var statuses = new JsonArray(state == "Failed"
            ? Status($"ProvisioningState/failed/{error!.Value.Code}", error.Value.Message, made)
            : Status($"ProvisioningState/{state.ToLowerInvariant()}", null, made));
        var power = _ended is { } ended ? ended.Power
            : error is not null || now < made + (speeds.Boot / 2) ? null
            : now < made + speeds.Boot ? "starting"
            : "running";
        if (power is not null)
        {
            statuses.Add(Status($"PowerState/{power}", null, _ended?.At));
        }

        return statuses;
    }

    private static JsonObject Status(string code, string? message, DateTimeOffset? at)
    {
        var status = new JsonObject { ["code"] = code, ["level"] = message is null ? "Info" : "Error", ["displayStatus"] = code.Split('/')[^1] };
        if (message is not null)
        {
            status["message"] = message;
        }

        if (at is { } time)
        {
            status["time"] = time.ToString("O", CultureInfo.InvariantCulture);
        }

        return status;
    }
}
