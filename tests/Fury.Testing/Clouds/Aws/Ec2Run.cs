using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Fury.Testing.Aws;

/// <summary>RunInstances of the fake.</summary>
internal sealed class Ec2Run(Ec2World world)
{
    public const string ImageAmd64 = "ami-00000000000000a64";
    public const string ImageArm64 = "ami-00000000000000e64";
    public const string SecurityGroup = "sg-0000000000000001";

    /// <summary>A subnet of the zone.</summary>
    public static string Subnet(string zone) => $"subnet-{Convert.ToHexStringLower(Encoding.ASCII.GetBytes(zone))}";

    public XElement Run(string region, AwsForm form)
    {
        var fingerprint = form.Fingerprint;
        var token = form.Need("ClientToken");
        if (token.Length > 64 || !Ascii.IsValid(token))
        {
            throw AwsRefusal.Value("clientToken", token, "It must be at most 64 ASCII characters.");
        }

        var (min, max) = (form.Number("MinCount", 1, 1000) ?? throw AwsRefusal.Missing("MinCount"), form.Number("MaxCount", 1, 1000) ?? 0);
        if (max < min)
        {
            throw new AwsRefusal(400, "InvalidParameterCombination", "Min count must not exceed max count.");
        }

        var type = Type(form.Need("InstanceType"));
        var image = Image(form.Need("ImageId"), type);
        var zone = Zone(region, form);
        var isSpot = IsSpot(form);
        CheckRest(form);
        var userData = UserData(form);
        var tags = Tags(form);
        form.Done();
        lock (world.Lock)
        {
            var key = (region, token, zone);
            if (world.Tokens.TryGetValue(key, out var known))
            {
                return Again(known, fingerprint, token);
            }

            var chosen = Place(region, zone, type, isSpot, min);
            var count = Math.Min(max, Math.Min(world.QuotaLeft ?? max, world.Room.GetValueOrDefault(chosen, max)));
            var reservation = Id("r");
            for (var number = 0; number < count; number++)
            {
                var ordinal = world.Instances.Count + 1;
                var address = string.Create(CultureInfo.InvariantCulture, $"127.90.{ordinal / 250}.{(ordinal % 250) + 1}");
                world.Instances.Add(new(Id("i"), reservation, region, chosen, type.Name, image, token, isSpot, address, userData, tags, world.Now));
            }

            world.QuotaLeft -= count;
            world.Room[chosen] = world.Room.GetValueOrDefault(chosen, int.MaxValue) - count;
            world.Tokens[key] = (fingerprint, reservation);
            return Answer(reservation);
        }
    }

    private XElement Again((string Fingerprint, string Reservation) known, string fingerprint, string token)
    {
        if (known.Fingerprint != fingerprint)
        {
            throw new AwsRefusal(400, "IdempotentParameterMismatch", $"The client token {token} was used with other parameters.");
        }

        return world.Instances.Where(one => one.Reservation == known.Reservation).All(one => world.State(one).Name == "terminated")
            ? throw new AwsRefusal(400, "IdempotentInstanceTerminated", $"The instances of the client token {token} are terminated.")
            : Answer(known.Reservation);
    }

    private XElement Answer(string reservation) => Ec2Xml.Answer(
        "RunInstances", Ec2Xml.Reservation(world, world.Instances.Where(one => one.Reservation == reservation).GroupBy(one => one.Reservation).Single()));

    private string Place(string region, string? zone, Ec2Type type, bool isSpot, int min)
    {
        if (isSpot && !type.Classes.Contains("spot"))
        {
            throw new AwsRefusal(400, "Unsupported", $"{type.Name} cannot be had as spot.");
        }

        if (zone is not null && !Ec2World.Zones(region, type).Contains(zone))
        {
            throw new AwsRefusal(
                400, "Unsupported", $"Your requested instance type ({type.Name}) is not supported in your requested Availability Zone ({zone}).");
        }

        if (world.QuotaLeft < min)
        {
            throw isSpot
                ? new AwsRefusal(400, "MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
                : new AwsRefusal(400, "VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit allows.");
        }

        return Ec2World.Zones(region, type).FirstOrDefault(one => (zone ?? one) == one && world.Room.GetValueOrDefault(one, min) >= min)
            ?? throw new AwsRefusal(500, "InsufficientInstanceCapacity", $"We currently do not have sufficient {type.Name} capacity.");
    }

    private static Ec2Type Type(string name) =>
        Ec2World.Types.FirstOrDefault(type => type.Name == name) ?? throw AwsRefusal.Value("InstanceType", name, "There is no such type.");

    private static string Image(string id, Ec2Type type) =>
        id is not (ImageAmd64 or ImageArm64) ? throw new AwsRefusal(400, "InvalidAMIID.NotFound", $"The image id '[{id}]' does not exist")
        : id == ImageArm64 != (type.Architecture == "arm64") ? throw AwsRefusal.Value("ImageId", id, "Its architecture is not that of the instance type.")
        : id;

    /// <summary>The zone that the request names, itself or by a subnet.</summary>
    private static string? Zone(string region, AwsForm form)
    {
        var (zone, subnet) = (form.Take("Placement.AvailabilityZone"), form.Take("SubnetId"));
        var zones = "abc".Select(letter => region + letter).ToList();
        if (zone is not null && !zones.Contains(zone))
        {
            throw AwsRefusal.Value("availabilityZone", zone, "Invalid availability zone");
        }

        if (subnet is null)
        {
            return zone;
        }

        var home = zones.FirstOrDefault(one => Subnet(one) == subnet)
            ?? throw new AwsRefusal(400, "InvalidSubnetID.NotFound", $"The subnet ID '{subnet}' does not exist");
        return zone is null || zone == home ? home : throw new AwsRefusal(400, "InvalidParameterCombination", "The subnet is of another zone.");
    }

    private static bool IsSpot(AwsForm form)
    {
        if (form.OneOf("InstanceMarketOptions.MarketType", "spot") is null)
        {
            return false;
        }

        var (kind, end) = (
            form.OneOf("InstanceMarketOptions.SpotOptions.SpotInstanceType", "one-time", "persistent") ?? "one-time",
            form.OneOf("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior", "terminate", "stop", "hibernate") ?? "terminate");
        return (kind, end) == ("one-time", "terminate")
            ? true
            : throw new AwsRefusal(400, "InvalidParameterCombination", "Nobody here asks for spot instances that come back.");
    }

    private static void CheckRest(AwsForm form)
    {
        if (form.OneOf("MetadataOptions.HttpTokens", "required", "optional") != "required")
        {
            throw new AwsRefusal(400, "UnsupportedOperation", "This account takes instances with IMDSv2 only: HttpTokens must be required.");
        }

        form.OneOf("MetadataOptions.HttpEndpoint", "enabled", "disabled");
        form.Number("MetadataOptions.HttpPutResponseHopLimit", 1, 64);
        if (form.OneOf("InstanceInitiatedShutdownBehavior", "stop", "terminate") != "terminate")
        {
            throw new AwsRefusal(400, "UnsupportedOperation", "An instance that shuts itself down must not be left behind.");
        }

        if (form.List("SecurityGroupId").FirstOrDefault(id => id != SecurityGroup) is { } unknown)
        {
            throw new AwsRefusal(400, "InvalidGroup.NotFound", $"The security group '{unknown}' does not exist");
        }

        if (form.Take("IamInstanceProfile.Name") is not (null or "fury-instance"))
        {
            throw AwsRefusal.Value("iamInstanceProfile.name", null, "Invalid IAM Instance Profile name");
        }
    }

    private static string UserData(AwsForm form)
    {
        var text = form.Take("UserData") ?? "";
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length <= 16384
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw new AwsRefusal(400, "InvalidUserData.Malformed", "User data must be base64, at most 16384 bytes before that.");
    }

    /// <summary>Of the instance.</summary>
    private static Dictionary<string, string> Tags(AwsForm form)
    {
        var all = new Dictionary<string, Dictionary<string, string>>();
        for (var number = 1; form.Has($"TagSpecification.{number}"); number++)
        {
            var kind = form.OneOf($"TagSpecification.{number}.ResourceType", "instance", "volume") ?? throw AwsRefusal.Missing("ResourceType");
            var tags = all[kind] = [];
            for (var tag = 1; form.Take($"TagSpecification.{number}.Tag.{tag}.Key") is { } key; tag++)
            {
                var value = form.Take($"TagSpecification.{number}.Tag.{tag}.Value") ?? "";
                if (key.Length is 0 or > 128 || value.Length > 256 || key.StartsWith("aws:", StringComparison.Ordinal) || !tags.TryAdd(key, value) || tag > 50)
                {
                    throw AwsRefusal.Value("Tag", key, "A tag's key has 1 to 128 characters, none twice, its value at most 256; at most 50.");
                }
            }
        }

        return all.GetValueOrDefault("instance") ?? [];
    }

    private static string Id(string kind) => $"{kind}-0{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
}
