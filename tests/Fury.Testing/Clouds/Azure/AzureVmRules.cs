using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fury.Testing.Clouds.Azure;

/// <summary>What Azure takes as a new virtual machine, as its public reference says.</summary>
internal static partial class AzureVmRules
{
    private const int TagsMax = 50;
    private const int CustomDataBytesMax = 64 * 1024;

    private static readonly Shape Id = Shape.Object(("id", Shape.Text));

    private static readonly Shape Interface = Shape.Object(
        ("name", Shape.Text),
        ("properties", Shape.Object(
            ("primary", Shape.Flag),
            ("deleteOption", Shape.Text),
            ("networkSecurityGroup", Id),
            ("ipConfigurations", Shape.List(Shape.Object(("name", Shape.Text), ("properties", Shape.Object(("primary", Shape.Flag), ("subnet", Id)))))))));

    private static readonly Shape Properties = Shape.Object(
        ("hardwareProfile", Shape.Object(("vmSize", Shape.Text))),
        ("priority", Shape.Text),
        ("evictionPolicy", Shape.Text),
        ("billingProfile", Shape.Object(("maxPrice", Shape.Number))),
        ("storageProfile", Shape.Object(
            ("imageReference", Shape.Object(
                ("publisher", Shape.Text), ("offer", Shape.Text), ("sku", Shape.Text), ("version", Shape.Text), ("id", Shape.Text))),
            ("osDisk", Shape.Object(
                ("createOption", Shape.Text),
                ("deleteOption", Shape.Text),
                ("diskSizeGB", Shape.Number),
                ("managedDisk", Shape.Object(("storageAccountType", Shape.Text))))))),
        ("osProfile", Shape.Object(
            ("computerName", Shape.Text),
            ("adminUsername", Shape.Text),
            ("customData", Shape.Text),
            ("linuxConfiguration", Shape.Object(
                ("disablePasswordAuthentication", Shape.Flag),
                ("ssh", Shape.Object(("publicKeys", Shape.List(Shape.Object(("path", Shape.Text), ("keyData", Shape.Text)))))))))),
        ("securityProfile", Shape.Object(
            ("securityType", Shape.Text), ("uefiSettings", Shape.Object(("secureBootEnabled", Shape.Flag), ("vTpmEnabled", Shape.Flag))))),
        ("networkProfile", Shape.Object(("networkApiVersion", Shape.Text), ("networkInterfaceConfigurations", Shape.List(Interface)))));

    private static readonly Shape Body = Shape.Object(
        ("location", Shape.Text), ("zones", Shape.List(Shape.Text)), ("tags", Shape.Words), ("properties", Properties));

    public static void Check(string name, JsonObject body)
    {
        try
        {
            Body.Check(body, "vm");
        }
        catch (ShapeException wrong)
        {
            throw new AzureError(400, "InvalidRequestContent", wrong.Message);
        }

        var (properties, location) = (body["properties"]!, $"{body["location"]}");
        Require(VmName().IsMatch(name), "InvalidResourceName", name);
        Require(AzureWorld.Regions.Contains(location), "LocationNotAvailableForResourceType", location);
        Tags(body["tags"] as JsonObject ?? []);
        Size(body, $"{properties["hardwareProfile"]?["vmSize"]}", location);
        Spot(properties);
        Os(properties["osProfile"], $"{properties["osProfile"]?["customData"]}");
        Network(properties["networkProfile"]);
        Require($"{properties["storageProfile"]?["osDisk"]?["createOption"]}" == "FromImage", "InvalidParameter", "osDisk.createOption");
    }

    private static void Tags(JsonObject tags)
    {
        Require(tags.Count <= TagsMax, "InvalidTags", "The number of tags exceeds 50.");
        Require(tags.DistinctBy(tag => tag.Key, StringComparer.OrdinalIgnoreCase).Count() == tags.Count, "InvalidTagNames", "Capitals do not count.");
        Require(
            tags.All(tag => tag.Key.Length is > 0 and <= 512 && !tag.Key.Any("<>%&\\?/".Contains) && $"{tag.Value}".Length <= 256),
            "InvalidTagNameCharacters",
            "A tag is not valid.");
    }

    private static void Size(JsonObject body, string size, string location)
    {
        var zones = body["zones"] as JsonArray ?? [];
        Require(zones.Count <= 1, "InvalidParameter", "A virtual machine is in one zone.");
        var zone = zones.Count == 1 ? $"{zones[0]}" : null;
        Require(zone is null or "1" or "2" or "3", "InvalidAvailabilityZone", $"Zone {zone} is not supported.");
        if (!AzureWorld.HasSize(location, zone, size))
        {
            throw new AzureError(409, "SkuNotAvailable", $"The requested VM size '{size}' is currently not available in location '{location}' zone '{zone}'.");
        }

        var (image, isTrusted) = (body["properties"]!["storageProfile"]?["imageReference"], body["properties"]!["securityProfile"] is not null);
        Require($"{image?["sku"]}".Contains("arm64", StringComparison.Ordinal) == AzureWorld.IsArm(size), "BadRequest", "The architecture does not match.");
        Require(!isTrusted || $"{image?["sku"]}".Contains("gen2", StringComparison.Ordinal), "BadRequest", "Trusted launch needs an image of generation 2.");
    }

    private static void Spot(JsonNode properties)
    {
        var (priority, policy) = ($"{properties["priority"]}", $"{properties["evictionPolicy"]}");
        Require(priority is "" or "Spot" or "Regular", "InvalidParameter", priority);
        Require((priority == "Spot") == (policy is "Deallocate" or "Delete"), "OperationNotAllowed", "Eviction policy can be set only on Azure Spot VMs.");
        Require(priority == "Spot" || properties["billingProfile"] is null, "OperationNotAllowed", "Max price can be set only on Azure Spot VMs.");
    }

    private static void Os(JsonNode? os, string data)
    {
        var bytes = new byte[data.Length];
        Require(Convert.TryFromBase64String(data, bytes, out var length) && length <= CustomDataBytesMax, "InvalidParameter", "customData");
        var key = os?["linuxConfiguration"]?["ssh"]?["publicKeys"]?[0];
        Require($"{key?["keyData"]}".StartsWith("ssh-", StringComparison.Ordinal), "InvalidParameter", "An SSH key is needed where passwords are off.");
        Require($"{key?["path"]}" == $"/home/{os?["adminUsername"]}/.ssh/authorized_keys", "InvalidParameter", "The path of the key is not the user's.");
    }

    private static void Network(JsonNode? network)
    {
        Require(Version().IsMatch($"{network?["networkApiVersion"]}"), "InvalidParameter", "networkApiVersion is needed for interfaces within a machine.");
        Require(network!["networkInterfaceConfigurations"] is JsonArray { Count: 1 }, "InvalidParameter", "One interface is needed.");
        var one = network["networkInterfaceConfigurations"]![0]!["properties"]!;
        Require($"{one["deleteOption"]}" is "Delete" or "Detach", "InvalidParameter", "deleteOption");
        Require(Subnet().IsMatch($"{one["ipConfigurations"]?[0]?["properties"]?["subnet"]?["id"]}"), "InvalidParameter", "subnet.id");
    }

    private static void Require(bool ok, string code, string message)
    {
        if (!ok)
        {
            throw new AzureError(400, code, message);
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?\z")]
    private static partial Regex VmName();

    [GeneratedRegex(@"^20[0-9]{2}-[0-9]{2}-[0-9]{2}\z")]
    private static partial Regex Version();

    [GeneratedRegex(@"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+\z")]
    private static partial Regex Subnet();
}
