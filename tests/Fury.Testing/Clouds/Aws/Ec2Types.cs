using System.Globalization;
using System.Xml.Linq;

namespace Fury.Testing.Aws;

/// <summary>DescribeInstanceTypes, DescribeInstanceTypeOfferings and DescribeSpotPriceHistory of the fake.</summary>
internal sealed class Ec2Types(AwsPages pages, TimeProvider clock)
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss";

    public XElement Describe(AwsForm form)
    {
        var (items, next) = pages.Of(Named(form), form, 5, 100);
        return Ec2Xml.Answer("DescribeInstanceTypes", Ec2Xml.Set("instanceTypeSet", items.Select(Type)), Ec2Xml.Next(next));
    }

    public XElement Offerings(string region, AwsForm form)
    {
        if (form.OneOf("LocationType", "region", "availability-zone", "availability-zone-id") != "availability-zone")
        {
            throw AwsRefusal.Value("LocationType", null, "Here it is asked for by zone.");
        }

        var all = Named(form).SelectMany(type => Ec2World.Zones(region, type).Select(zone => (type.Name, Zone: zone))).ToList();
        var (items, next) = pages.Of(all, form, 5, 1000);
        return Ec2Xml.Answer(
            "DescribeInstanceTypeOfferings",
            Ec2Xml.Set("instanceTypeOfferingSet", items.Select(offer => new[]
            {
                Ec2Xml.Element("instanceType", offer.Name),
                Ec2Xml.Element("locationType", "availability-zone"),
                Ec2Xml.Element("location", offer.Zone),
            })),
            Ec2Xml.Next(next));
    }

    /// <summary>Prices that hold now and, of each, one that held before and was lower. Dearer from zone to zone.</summary>
    public XElement SpotPrices(string region, AwsForm form)
    {
        var start = form.Need("StartTime");
        if (!DateTimeOffset.TryParseExact(start, $"{Format}'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
        {
            throw AwsRefusal.Value("startTime", start, "It must be an ISO 8601 time.");
        }

        if (!form.List("ProductDescription").SequenceEqual(["Linux/UNIX"]))
        {
            throw AwsRefusal.Value("ProductDescription", null, "Only Linux has prices here.");
        }

        var now = clock.GetUtcNow();
        var all = Named(form)
            .Where(type => type.Classes.Contains("spot"))
            .SelectMany(type => Ec2World.Zones(region, type).SelectMany((zone, index) => new[]
            {
                Price(type, zone, type.Spot + (0.001m * index), now.AddMinutes(-5)),
                Price(type, zone, type.Spot / 2, now.AddHours(-5)),
            }))
            .ToList();
        var (items, next) = pages.Of(all, form, 1, 1000);
        return Ec2Xml.Answer("DescribeSpotPriceHistory", Ec2Xml.Set("spotPriceHistorySet", items), Ec2Xml.Next(next));
    }

    private static List<Ec2Type> Named(AwsForm form)
    {
        var filters = form.Filters("instance-type");
        return
        [
            .. Ec2World.Types.Where(type => !filters.TryGetValue("instance-type", out var names)
                || names.Any(name => Ec2Instances.Pattern(name).IsMatch(type.Name))),
        ];
    }

    private static XElement[] Type(Ec2Type type) =>
    [
        Ec2Xml.Element("instanceType", type.Name),
        Ec2Xml.Element("currentGeneration", "true"),
        Ec2Xml.Set("supportedUsageClasses", type.Classes),
        Ec2Xml.Element("bareMetal", "false"),
        Ec2Xml.Element("processorInfo", Ec2Xml.Set("supportedArchitectures", [type.Architecture])),
        Ec2Xml.Element("vCpuInfo", Ec2Xml.Element("defaultVCpus", type.Cpus)),
        Ec2Xml.Element("memoryInfo", Ec2Xml.Element("sizeInMiB", type.MemoryMiB)),
    ];

    private static XElement[] Price(Ec2Type type, string zone, decimal dollars, DateTimeOffset at) =>
    [
        Ec2Xml.Element("instanceType", type.Name),
        Ec2Xml.Element("productDescription", "Linux/UNIX"),
        Ec2Xml.Element("spotPrice", dollars.ToString("F6", CultureInfo.InvariantCulture)),
        Ec2Xml.Element("timestamp", at.UtcDateTime.ToString($"{Format}'.000Z'", CultureInfo.InvariantCulture)),
        Ec2Xml.Element("availabilityZone", zone),
    ];
}
