using System.Buffers;
using System.Text;
using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Azure;

/// <summary>What an instance is to be, in Azure's words. Pure.</summary>
internal static class VmBody
{
    /// <summary>Tags that Fury keeps for itself: of the wish, and of the client token.</summary>
    public const string RequestTag = "fury-request";
    public const string TokenTag = "fury-client-token";

    private const int TagsMax = 50;
    private const int TagNameMax = 512;
    private const int TagValueMax = 256;
    private const string TagSignsBad = "<>%&\\?/";
    private static readonly SearchValues<char> BadSigns = SearchValues.Create(TagSignsBad);

    /// <summary>Of what an instance runs when it boots, before it is written as base64.</summary>
    private const int UserDataBytesMax = 64 * 1024;

    /// <summary>The first version of the network's API that takes an interface within a machine.</summary>
    private const string InterfaceVersion = "2022-11-01";

    /// <summary>What no instance can be made of, whatever its number.</summary>
    public static Fault? WhyNot(InstanceRequest request, string userData, AzureOptions options)
    {
        var check = new Validation();
        check.Require(request.Tags.Count <= TagsMax - 2, request.Tags.Count, $"at most {TagsMax - 2}", "tags");
        check.Require(
            request.Tags.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count() == request.Tags.Count,
            string.Join(", ", request.Tags.Keys),
            "names that differ by more than capitals",
            "tags");
        foreach (var (name, value) in request.Tags)
        {
            check.Require(
                name.Length is > 0 and <= TagNameMax && !name.AsSpan().ContainsAny(BadSigns) && value.Length <= TagValueMax,
                value,
                $"at most {TagValueMax} characters, under a name without any of {TagSignsBad}",
                $"tags.{name}");
        }

        var bytes = Encoding.UTF8.GetByteCount(userData);
        check.Require(bytes <= UserDataBytesMax, bytes, $"at most {UserDataBytesMax} bytes: shorten arguments and environment", "userData");
        check.Require(options.Subnets.ContainsKey(request.Region), request.Region, "one with a subnet (Fury:Azure:Subnets)");
        return check.Fault;
    }

    /// <param name="zone">Null: of no zone.</param>
    public static object Of(InstanceRequest request, InstanceType type, string name, string? zone, string userData, AzureOptions options)
    {
        var isSpot = request.Market == Market.Spot;
        return new
        {
            Location = request.Region,
            Zones = zone is null ? null : new[] { zone },
            Tags = new Dictionary<string, string>(request.Tags) { [RequestTag] = Wish.Fingerprint(request), [TokenTag] = request.ClientToken },
            Identity = options.Identity is { } identity
                ? new { Type = "UserAssigned", UserAssignedIdentities = new Dictionary<string, object> { [identity] = new() } }
                : null,
            Properties = new
            {
                HardwareProfile = new { VmSize = type.Name },
                // One that is taken back is kept for its last words (AzureOptions.StoppedKept), and deleted by Fury.
                Priority = isSpot ? "Spot" : null,
                EvictionPolicy = isSpot ? "Deallocate" : null,
                BillingProfile = isSpot ? new { MaxPrice = -1 } : null,
                StorageProfile = new
                {
                    ImageReference = Image(options.Images[Word.Of(type.Architecture)]),
                    OsDisk = new
                    {
                        CreateOption = "FromImage",
                        DeleteOption = "Delete",
                        DiskSizeGB = options.DiskGiB,
                        ManagedDisk = new { StorageAccountType = options.DiskType },
                    },
                },
                OsProfile = OsProfile(name, userData, options),
                SecurityProfile = options.TrustedLaunch && type.Architecture == Architecture.Amd64
                    ? new { SecurityType = "TrustedLaunch", UefiSettings = new { SecureBootEnabled = true, VTpmEnabled = true } }
                    : null,
                NetworkProfile = new
                {
                    NetworkApiVersion = InterfaceVersion,
                    NetworkInterfaceConfigurations = new[] { Interface(request.Region, name, options) },
                },
            },
        };
    }

    private static object OsProfile(string name, string userData, AzureOptions options) => new
    {
        ComputerName = name,
        AdminUsername = options.AdminUser,
        CustomData = Convert.ToBase64String(Encoding.UTF8.GetBytes(userData)),
        LinuxConfiguration = new
        {
            DisablePasswordAuthentication = true,
            Ssh = new { PublicKeys = new[] { new { Path = $"/home/{options.AdminUser}/.ssh/authorized_keys", KeyData = options.SshPublicKey } } },
        },
    };

    private static object Interface(string region, string name, AzureOptions options) => new
    {
        Name = name,
        Properties = new
        {
            Primary = true,
            DeleteOption = "Delete",
            NetworkSecurityGroup = options.SecurityGroups.TryGetValue(region, out var group) ? new { Id = group } : null,
            IpConfigurations = new[] { new { Name = "own", Properties = new { Primary = true, Subnet = new { Id = options.Subnets[region] } } } },
        },
    };

    private static object Image(string image) => image.Split(':') is [var publisher, var offer, var sku, var version]
        ? new { Publisher = publisher, Offer = offer, Sku = sku, Version = version }
        : new { Id = image };
}
