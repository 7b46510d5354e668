using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>What Compute Engine takes as a new instance, as its public reference says.</summary>
internal static partial class GceInsertRules
{
    private const int LabelsMax = 64;
    private const int MetadataBytesMax = 256 * 1024;

    private static readonly Shape Body = Shape.Object(
        ("name", Shape.Text),
        ("machineType", Shape.Text),
        ("labels", Shape.Words),
        ("metadata", Shape.Object(("items", Shape.List(Shape.Object(("key", Shape.Text), ("value", Shape.Text)))))),
        ("disks", Shape.List(Shape.Object(
            ("boot", Shape.Flag),
            ("autoDelete", Shape.Flag),
            ("initializeParams", Shape.Object(("sourceImage", Shape.Text), ("diskSizeGb", Shape.Text), ("diskType", Shape.Text)))))),
        ("networkInterfaces", Shape.List(Shape.Object(
            ("network", Shape.Text),
            ("subnetwork", Shape.Text),
            ("accessConfigs", Shape.List(Shape.Object(("name", Shape.Text), ("type", Shape.Text))))))),
        ("serviceAccounts", Shape.List(Shape.Object(("email", Shape.Text), ("scopes", Shape.List(Shape.Text))))),
        ("scheduling", Shape.Object(
            ("provisioningModel", Shape.Text),
            ("instanceTerminationAction", Shape.Text),
            ("onHostMaintenance", Shape.Text),
            ("automaticRestart", Shape.Flag))),
        ("shieldedInstanceConfig", Shape.Object(("enableSecureBoot", Shape.Flag), ("enableVtpm", Shape.Flag), ("enableIntegrityMonitoring", Shape.Flag))),
        ("tags", Shape.Object(("items", Shape.List(Shape.Text)))));

    public static void Check(string zone, JsonObject body)
    {
        GoogleError.Checked(() => Body.Check(body, "resource"));
        Require(Name().IsMatch($"{body["name"]}"), "resource.name", body["name"], "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'");
        var type = MachineType().Match($"{body["machineType"]}");
        Require(type.Groups["zone"].Value == zone, "resource.machineType", body["machineType"], "The URL is malformed.");
        var machine = type.Groups["type"].Value;
        Require(GceWorld.HasType(zone, machine), "resource.machineType", machine, $"Machine type with name '{machine}' does not exist in zone '{zone}'.");
        Labels(body["labels"] as JsonObject);
        Metadata(body["metadata"]?["items"] as JsonArray ?? []);
        Disk(zone, machine, body["disks"]);
        Network(body["networkInterfaces"]);
        Scheduling(body["scheduling"]);
        foreach (var tag in body["tags"]?["items"] as JsonArray ?? [])
        {
            Require(Name().IsMatch($"{tag}"), "resource.tags.items", tag, "Must be a match of regex.");
        }
    }

    private static void Labels(JsonObject? labels)
    {
        Require(labels is null || labels.Count <= LabelsMax, "resource.labels", labels?.Count, $"At most {LabelsMax} labels.");
        foreach (var (key, value) in labels ?? [])
        {
            Require(LabelKey().IsMatch(key) && !key.StartsWith("goog", StringComparison.Ordinal), "resource.labels", key, "Label key is not valid.");
            Require(LabelValue().IsMatch($"{value}"), "resource.labels", value, "Label value is not valid.");
        }
    }

    private static void Metadata(JsonArray items)
    {
        var keys = items.Select(item => $"{item!["key"]}").ToList();
        Require(keys.Distinct().Count() == keys.Count, "resource.metadata", string.Join(", ", keys), "Keys must be unique.");
        Require(keys.All(MetadataKey().IsMatch), "resource.metadata", string.Join(", ", keys), "Must be a match of regex '[a-zA-Z0-9-_]{1,128}'.");
        Require(
            items.All(item => System.Text.Encoding.UTF8.GetByteCount($"{item!["value"]}") <= MetadataBytesMax),
            "resource.metadata",
            "(long)",
            "Value is too large.");
    }

    private static void Disk(string zone, string machine, JsonNode? disks)
    {
        Require(disks is JsonArray { Count: 1 }, "resource.disks", disks, "At least one disk must be given, and the fake takes one.");
        var disk = disks![0]!;
        var start = disk["initializeParams"];
        var (image, kind) = ($"{start?["sourceImage"]}", DiskType().Match($"{start?["diskType"]}"));
        Require(disk["boot"]?.GetValue<bool>() == true && Image().IsMatch(image), "resource.disks[0].sourceImage", image, "Must be a boot image.");
        Require(
            image.Contains("arm64", StringComparison.Ordinal) == GceWorld.IsArm(machine), "resource.disks[0]", image, "The architecture does not match.");
        Require(kind.Groups["zone"].Value == zone, "resource.disks[0].initializeParams.diskType", start?["diskType"], "The URL is malformed.");
        Require(
            kind.Groups["type"].Value.StartsWith("hyperdisk", StringComparison.Ordinal) == machine.StartsWith("c4a", StringComparison.Ordinal),
            "resource.disks[0]",
            kind.Groups["type"].Value,
            $"[{machine}] features and the disk type are not compatible for creating instance.");
        Require(int.TryParse($"{start?["diskSizeGb"]}", out var size) && size >= 10, "resource.disks[0]", start?["diskSizeGb"], "Disk size is too small.");
    }

    private static void Network(JsonNode? interfaces)
    {
        Require(interfaces is JsonArray { Count: 1 }, "resource.networkInterfaces", interfaces, "At least one network interface is required.");
        Require(Path().IsMatch($"{interfaces![0]!["network"]}"), "resource.networkInterfaces[0].network", interfaces[0]!["network"], "The URL is malformed.");
        foreach (var access in interfaces[0]!["accessConfigs"] as JsonArray ?? [])
        {
            Require($"{access!["type"]}" == "ONE_TO_ONE_NAT", "accessConfigs.type", access["type"], "Not a known access config.");
        }
    }

    private static void Scheduling(JsonNode? scheduling)
    {
        var (model, action) = ($"{scheduling?["provisioningModel"]}", scheduling?["instanceTerminationAction"]);
        Require(model is "SPOT" or "STANDARD", "resource.scheduling.provisioningModel", model, "Not a known model.");
        Require(model == "SPOT" || action is null, "resource.scheduling.instanceTerminationAction", action, "Only for SPOT, or with a run duration.");
        Require(action is null || $"{action}" is "DELETE" or "STOP", "resource.scheduling.instanceTerminationAction", action, "Not a known action.");
        Require(
            model != "SPOT" || ($"{scheduling!["onHostMaintenance"]}" == "TERMINATE" && scheduling["automaticRestart"]?.GetValue<bool>() == false),
            "resource.scheduling",
            model,
            "Scheduling must have preemptible be true, automaticRestart false and onHostMaintenance TERMINATE.");
    }

    private static void Require(bool ok, string field, object? value, string right)
    {
        if (!ok)
        {
            throw GoogleError.Invalid(field, value, right);
        }
    }

    [GeneratedRegex(@"^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^zones/(?<zone>[^/]+)/machineTypes/(?<type>[^/]+)\z")]
    private static partial Regex MachineType();

    [GeneratedRegex(@"^zones/(?<zone>[^/]+)/diskTypes/(?<type>[^/]+)\z")]
    private static partial Regex DiskType();

    [GeneratedRegex(@"^projects/[a-z0-9-]+/global/images/(family/)?[a-z0-9-]+\z")]
    private static partial Regex Image();

    [GeneratedRegex(@"^(projects/[a-z0-9-]+/)?global/networks/[a-z0-9-]+\z")]
    private static partial Regex Path();

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,62}\z")]
    private static partial Regex LabelKey();

    [GeneratedRegex(@"^[a-z0-9_-]{0,63}\z")]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"^[a-zA-Z0-9-_]{1,128}\z")]
    private static partial Regex MetadataKey();
}
