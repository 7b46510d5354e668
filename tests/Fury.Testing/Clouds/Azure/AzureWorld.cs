using System.Text.Json.Nodes;

namespace Fury.Testing.Clouds.Azure;

/// <summary>What Azure has where.</summary>
internal static class AzureWorld
{
    public static readonly string[] Regions = ["westeurope", "northeurope", "swedencentral"];

    /// <summary>Name, CPUs, memory in GB, architecture, whether it can be had as spot, and zones of westeurope that are closed to the subscription.</summary>
    private static readonly (string Name, int Cpus, string Memory, string Architecture, bool Spot, string[] Closed)[] Sizes =
    [
        ("Standard_B2s", 2, "4", "x64", false, []),
        ("Standard_D2as_v5", 2, "8", "x64", true, []),
        ("Standard_D2ps_v5", 2, "8", "Arm64", true, ["3"]),
        ("Standard_D2s_v5", 2, "8", "x64", true, []),
        ("Standard_D4s_v5", 4, "16", "x64", true, ["1"]),
        ("Standard_E2s_v5", 2, "16", "x64", true, ["1", "2", "3"]),
        ("Standard_F2s_v2", 2, "3.5", "x64", true, []),
        ("Standard_NC24ads_A100_v4", 24, "220", "x64", true, []),
    ];

    public static bool HasSize(string region, string? zone, string size) => Sizes.Any(one => one.Name == size
        && (region != "westeurope" || zone is null || !one.Closed.Contains(zone)));

    public static bool IsArm(string size) => Sizes.Single(one => one.Name == size).Architecture == "Arm64";

    public static IEnumerable<JsonObject> Skus(string region) => Sizes.Select(one => new JsonObject
    {
        ["resourceType"] = "virtualMachines",
        ["name"] = one.Name,
        ["locations"] = new JsonArray(region),
        ["locationInfo"] = new JsonArray(new JsonObject { ["location"] = region, ["zones"] = new JsonArray("2", "1", "3") }),
        ["capabilities"] = new JsonArray(
            Capability("vCPUs", $"{one.Cpus}"),
            Capability("MemoryGB", one.Memory),
            Capability("CpuArchitectureType", one.Architecture),
            Capability("LowPriorityCapable", one.Spot ? "True" : "False")),
        ["restrictions"] = region == "westeurope" && one.Closed.Length > 0
            ? new JsonArray(new JsonObject
            {
                ["type"] = "Zone",
                ["values"] = new JsonArray(region),
                ["restrictionInfo"] = new JsonObject
                {
                    ["locations"] = new JsonArray(region),
                    ["zones"] = new JsonArray([.. one.Closed.Select(zone => JsonValue.Create(zone))]),
                },
                ["reasonCode"] = "NotAvailableForSubscription",
            })
            : [],
    }).Append(new() { ["resourceType"] = "disks", ["name"] = "Standard_D2s_v5", ["locations"] = new JsonArray(region) });

    private static JsonObject Capability(string name, string value) => new() { ["name"] = name, ["value"] = value };
}
