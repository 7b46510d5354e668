using System.Text.Json.Nodes;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>What Compute Engine has where.</summary>
internal static class GceWorld
{
    public const string Region = "europe-west1";

    public static readonly IReadOnlyList<string> Zones =
    [
        "europe-west1-b", "europe-west1-c", "europe-west1-d", "us-central1-a", "us-central1-b", "us-central1-c", "us-central1-f", "us-east4-a", "us-east4-b",
        "us-east4-c",
    ];

    /// <summary>Name, CPUs, memory in MB, architecture (null: it does not say), and zones that do not have it.</summary>
    private static readonly (string Name, int Cpus, int Memory, string? Architecture, string[] NotIn)[] Types =
    [
        ("a2-highgpu-1g", 12, 87040, "X86_64", []),
        ("c4a-standard-1", 1, 4096, "ARM64", ["europe-west1-b"]),
        ("e2-medium", 2, 4096, "X86_64", []),
        ("e2-micro", 2, 1024, "X86_64", []),
        ("e2-small", 2, 2048, "X86_64", []),
        ("n1-standard-1", 1, 3840, null, []),
        ("n2-standard-2", 2, 8192, "X86_64", []),
        ("n2-standard-4", 4, 16384, null, ["europe-west1-d"]),
        ("t2a-standard-1", 1, 4096, null, []),
    ];

    public static bool HasType(string zone, string type) => Types.Any(one => one.Name == type && !one.NotIn.Contains(zone));

    public static bool IsArm(string type) => type.Split('-')[0] is "c4a" or "t2a";

    public static IEnumerable<JsonObject> TypesOf(string zone, Uri home) => Types.Where(one => !one.NotIn.Contains(zone)).Select(one =>
    {
        var type = new JsonObject
        {
            ["kind"] = "compute#machineType",
            ["name"] = one.Name,
            ["guestCpus"] = one.Cpus,
            ["memoryMb"] = one.Memory,
            ["isSharedCpu"] = one.Name is "e2-micro" or "e2-small" or "e2-medium",
            ["zone"] = zone,
            ["selfLink"] = Link(home, $"zones/{zone}/machineTypes/{one.Name}"),
        };
        if (one.Architecture is { } architecture)
        {
            type["architecture"] = architecture;
        }

        return type;
    });

    public static IEnumerable<JsonObject> AllZones(Uri home) => Zones.Select(zone => new JsonObject
    {
        ["kind"] = "compute#zone",
        ["name"] = zone,
        ["status"] = "UP",
        ["region"] = Link(home, $"regions/{RegionOf(zone)}"),
        ["selfLink"] = Link(home, $"zones/{zone}"),
    });

    public static string RegionOf(string zone) => zone[..zone.LastIndexOf('-')];

    public static string Link(Uri home, string path) => new Uri(home, $"compute/v1/projects/{FakeGoogle.Project}/{path}").AbsoluteUri;
}
