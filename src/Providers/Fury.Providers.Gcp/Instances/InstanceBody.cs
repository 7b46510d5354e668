using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Gcp;

/// <summary>What an instance is to be, in Compute Engine's words. Pure.</summary>
internal static class InstanceBody
{
    /// <summary>The metadata that the guest's agent runs at each boot.</summary>
    public const string StartupScript = "startup-script";

    /// <summary>Of one item of metadata, as UTF-8.</summary>
    private const int ItemBytesMax = 256 * 1024;

    /// <summary>Machine series whose disks are of Hyperdisk alone.</summary>
    private static readonly string[] HyperdiskSeries = ["c4", "c4a", "c4d", "n4", "n4a", "n4d", "x4", "m4", "h4d"];

    /// <summary>What no instance can be made of, whatever its number.</summary>
    public static Fault? WhyNot(InstanceRequest request, string userData)
    {
        var check = new Validation();
        check.Require(request.Tags.Count <= Labels.Max - 2, request.Tags.Count, $"at most {Labels.Max - 2}: labels hold them", "tags");
        var bytes = System.Text.Encoding.UTF8.GetByteCount(userData);
        check.Require(bytes <= ItemBytesMax, bytes, $"at most {ItemBytesMax} bytes: shorten arguments and environment", "userData");
        return check.Fault;
    }

    public static object Of(InstanceRequest request, InstanceType type, GceName name, string userData, GcpOptions options)
    {
        var isSpot = request.Market == Market.Spot;
        return new
        {
            name.Name,
            MachineType = $"zones/{name.Zone}/machineTypes/{type.Name}",
            Labels = Labels.Of(request.Tags, request.ClientToken, Wish.Fingerprint(request)),
            Metadata = new
            {
                Items = new object[]
                {
                    Item(StartupScript, userData),
                    Item(Labels.TokenItem, request.ClientToken),
                    Item(Labels.TagsItem, Labels.Written(request.Tags)),
                    Item("enable-oslogin", "FALSE"),
                    Item("block-project-ssh-keys", "TRUE"),
                },
            },
            Disks = new[]
            {
                new
                {
                    Boot = true,
                    AutoDelete = true,
                    InitializeParams = new
                    {
                        SourceImage = options.Images[Word.Of(type.Architecture)],
                        DiskSizeGb = $"{options.DiskGiB}",
                        DiskType = $"zones/{name.Zone}/diskTypes/{options.DiskType ?? DiskTypeOf(type.Name)}",
                    },
                },
            },
            NetworkInterfaces = new[]
            {
                new
                {
                    options.Network,
                    Subnetwork = options.Subnetworks.TryGetValue(request.Region, out var subnetwork) ? subnetwork : null,
                    AccessConfigs = options.ExternalAddress ? new[] { new { Name = "external", Type = "ONE_TO_ONE_NAT" } } : null,
                },
            },
            ServiceAccounts = options.ServiceAccount is { } email ? new[] { new { Email = email, Scopes = Scopes(options) } } : null,
            Scheduling = new
            {
                ProvisioningModel = isSpot ? "SPOT" : "STANDARD",
                InstanceTerminationAction = isSpot ? "DELETE" : null,
                OnHostMaintenance = isSpot ? "TERMINATE" : "MIGRATE",
                AutomaticRestart = !isSpot,
            },
            ShieldedInstanceConfig = new { EnableSecureBoot = true, EnableVtpm = true, EnableIntegrityMonitoring = true },
            Tags = new { Items = options.NetworkTags },
        };
    }

    /// <param name="machineType">E.g. <c>c4a-standard-2</c>, whose series is before the first hyphen.</param>
    public static string DiskTypeOf(string machineType) => HyperdiskSeries.Contains(machineType.Split('-')[0]) ? "hyperdisk-balanced" : "pd-balanced";

    private static IList<string> Scopes(GcpOptions options) => options.ServiceAccountScopes.Count > 0 ? options.ServiceAccountScopes : [GcpTokens.Scope];

    private static object Item(string key, string value) => new { Key = key, Value = value };
}
