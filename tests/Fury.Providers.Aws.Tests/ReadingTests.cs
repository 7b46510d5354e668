using System.Xml.Linq;
using Fury.Kernel;
using Fury.Providers.Aws.Ec2;
using Fury.Providers.Contracts;

namespace Fury.Providers.Aws.Tests;

public sealed class ReadingTests
{
    [Theory]
    [InlineData("pending", null, ProviderInstanceState.Pending, null, null)]
    [InlineData("running", null, ProviderInstanceState.Running, null, null)]
    [InlineData("shutting-down", "Client.UserInitiatedShutdown", ProviderInstanceState.Stopping, null, null)]
    [InlineData("terminated", "Client.UserInitiatedShutdown", ProviderInstanceState.Stopped, null, null)]
    [InlineData("terminated", null, ProviderInstanceState.Stopped, null, null)]
    [InlineData("terminated", "Server.SpotInstanceTermination", ProviderInstanceState.Stopped, FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("terminated", "Server.InsufficientInstanceCapacity", ProviderInstanceState.Stopped, FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("terminated", "Client.VolumeLimitExceeded", ProviderInstanceState.Stopped, FaultKind.Exhausted, Limits.Quota)]
    [InlineData("terminated", "Client.InternalError", ProviderInstanceState.Stopped, FaultKind.Invalid, null)]
    [InlineData("terminated", "Client.InstanceInitiatedShutdown", ProviderInstanceState.Stopped, FaultKind.Unavailable, null)]
    [InlineData("stopped", "Server.ScheduledStop", ProviderInstanceState.Stopped, FaultKind.Unavailable, null)]
    [InlineData("running", "Server.SpotInstanceTermination", ProviderInstanceState.Running, null, null)]
    public void A_state_and_its_reason_are_read(string name, string? code, ProviderInstanceState state, FaultKind? kind, string? limit)
    {
        var reason = code is null ? "" : $"<stateReason><code>{code}</code><message>{code}: why</message></stateReason>";

        var seen = Assert.Single(InstanceReader.Read(Xml($"""
            <reservation xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><instancesSet><item>
              <instanceId>i-0abc</instanceId><instanceState><code>1</code><name>{name}</name></instanceState><instanceType>m7i.large</instanceType>
              <clientToken>token</clientToken><placement><availabilityZone>eu-west-1a</availabilityZone></placement>{reason}
              <privateIpAddress>10.0.0.7</privateIpAddress><instanceLifecycle>spot</instanceLifecycle>
              <tagSet><item><key>k</key><value>v</value></item><item><key>empty</key><value/></item></tagSet>
            </item></instancesSet></reservation>
            """)));

        Assert.Equal((state, kind, limit), (seen.State, seen.Failure?.Kind, seen.Failure?.Facts.GetValueOrDefault(Limits.Fact)));
        Assert.Equal(state == ProviderInstanceState.Running, seen.Reason is null);
        Assert.Equal(("i-0abc", "token", "10.0.0.7"), (seen.Id, seen.ClientToken, seen.Address));
        Assert.Equal(("eu-west-1a", "m7i.large", Market.Spot), (seen.Zone, seen.Type, seen.Market));
        Assert.Equal(new Dictionary<string, string> { ["k"] = "v", ["empty"] = "" }, seen.Tags);
    }

    [Fact]
    public void Of_types_those_that_can_be_had_in_a_zone_in_use_are_read_with_the_price_that_holds()
    {
        var described = new[]
        {
            Type("m7i.large", "x86_64", "on-demand", "spot"), Type("m7g.large", "arm64", "on-demand"), Type("elsewhere.large", "x86_64", "on-demand"),
            Type("p5.48xlarge", "x86_64", "capacity-block"), Type("mac2.metal", "arm64_mac", "on-demand"),
        };
        var offered = new[]
        {
            Offer("m7i.large", "b"), Offer("m7i.large", "a"), Offer("m7g.large", "a"), Offer("p5.48xlarge", "a"), Offer("elsewhere.large", "z"),
        };
        var spot = new[]
        {
            Spot("m7i.large", "a", "0.05", "2026-01-02T00:00:00.000Z"), Spot("m7i.large", "a", "0.01", "2026-01-01T00:00:00.000Z"),
            Spot("m7i.large", "b", "0.04", "2026-01-01T00:00:00.000Z"), Spot("m7i.large", "z", "0.001", "2026-01-01T00:00:00.000Z"),
            Spot("m7g.large", "a", "0.02", "2026-01-01T00:00:00.000Z"),
        };

        var types = AwsTypes.Read(described, offered, spot, zone => zone != "z", new Dictionary<string, decimal> { ["m7i.large"] = 0.1m });

        Assert.Equal(["m7i.large", "m7g.large"], types.Select(type => type.Name));
        var (amd, arm) = (types[0], types[1]);
        Assert.Equal((2000, 8192, 0.1m, Architecture.Amd64), (amd.CpuMillis, amd.MemoryMiB, amd.DollarsPerHour, amd.Architecture));
        Assert.Equal(["a", "b"], amd.Zones);
        Assert.Equal((true, 0.04m), (amd.HasSpot, amd.SpotDollarsPerHour));
        Assert.Equal((false, null, null, Architecture.Arm64), (arm.HasSpot, arm.SpotDollarsPerHour, arm.DollarsPerHour, arm.Architecture));
    }

    private static XElement Type(string name, string architecture, params string[] classes) => Xml($"""
        <item><instanceType>{name}</instanceType><vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo><memoryInfo><sizeInMiB>8192</sizeInMiB></memoryInfo>
        <processorInfo><supportedArchitectures><item>{architecture}</item></supportedArchitectures></processorInfo>
        <supportedUsageClasses>{string.Concat(classes.Select(each => $"<item>{each}</item>"))}</supportedUsageClasses></item>
        """);

    private static XElement Offer(string type, string zone) => Xml($"<item><instanceType>{type}</instanceType><location>{zone}</location></item>");

    private static XElement Spot(string type, string zone, string price, string at) => Xml($"""
        <item><instanceType>{type}</instanceType><spotPrice>{price}</spotPrice><timestamp>{at}</timestamp><availabilityZone>{zone}</availabilityZone></item>
        """);

    private static XElement Xml(string text) => XElement.Parse(text);
}
