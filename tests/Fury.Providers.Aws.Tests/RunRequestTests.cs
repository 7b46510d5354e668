using System.Text;
using Fury.Kernel;
using Fury.Providers.Aws.Ec2;
using Fury.Providers.Contracts;
using Fury.Testing;

namespace Fury.Providers.Aws.Tests;

public sealed class RunRequestTests
{
    private const string Zone = "us-east-1b";

    private static readonly InstanceType Type = new("m7i.large", 2000, 8192, null) { Zones = ["us-east-1a", Zone, "us-east-1c"], HasSpot = true };

    private static readonly InstanceRequest Request = new(
        "token-1", "us-east-1", "https://artifacts.example/a", "run", [], new Dictionary<string, string>(), 500, 512,
        new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" })
    {
        Count = 3,
    };

    private readonly AwsOptions _options = AwsUnderTest.Options(new("http://127.0.0.1:1"));

    [Fact]
    public void It_asks_for_up_to_as_many_as_wanted_safely_and_tagged()
    {
        var fields = Of(Request);

        Assert.Equal("token-1", fields["ClientToken"]);
        Assert.Equal(("1", "3"), (fields["MinCount"], fields["MaxCount"]));
        Assert.Equal(("required", "1"), (fields["MetadataOptions.HttpTokens"], fields["MetadataOptions.HttpPutResponseHopLimit"]));
        Assert.Equal("terminate", fields["InstanceInitiatedShutdownBehavior"]);
        Assert.Equal("boot ü", Encoding.UTF8.GetString(Convert.FromBase64String(fields["UserData"])));
        foreach (var (number, resource) in new[] { (1, "instance"), (2, "volume") })
        {
            Assert.Equal(resource, fields[$"TagSpecification.{number}.ResourceType"]);
            Assert.Equal(("a", "1"), (fields[$"TagSpecification.{number}.Tag.1.Key"], fields[$"TagSpecification.{number}.Tag.1.Value"]));
            Assert.Equal(("b", "2"), (fields[$"TagSpecification.{number}.Tag.2.Key"], fields[$"TagSpecification.{number}.Tag.2.Value"]));
        }

        Assert.DoesNotContain(fields.Keys, name => name.StartsWith("InstanceMarketOptions", StringComparison.Ordinal) || name == "KeyName");
        Assert.DoesNotContain("SubnetId", fields.Keys);
    }

    [Fact]
    public void It_is_the_same_byte_for_byte_whatever_the_order_of_the_tags()
    {
        var turned = Request with { Tags = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } };

        Assert.Equal(RunRequest.Of(Request, Type, "boot", _options).Value.All, RunRequest.Of(turned, Type, "boot", _options).Value.All);
    }

    [Fact]
    public void A_spot_instance_is_asked_for_once_and_ended_when_it_is_taken_back()
    {
        var fields = Of(Request with { Market = Market.Spot });

        Assert.Equal("spot", fields["InstanceMarketOptions.MarketType"]);
        Assert.Equal("one-time", fields["InstanceMarketOptions.SpotOptions.SpotInstanceType"]);
        Assert.Equal("terminate", fields["InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior"]);
    }

    [Fact]
    public void A_zone_is_its_subnet_where_there_is_one()
    {
        Assert.Equal(Zone, Of(Request with { Zone = Zone })["Placement.AvailabilityZone"]);
        _options.SubnetIds[Zone] = FakeAws.Subnet(Zone);
        var fields = Of(Request with { Zone = Zone });

        Assert.Equal(FakeAws.Subnet(Zone), fields["SubnetId"]);
        Assert.DoesNotContain("Placement.AvailabilityZone", fields.Keys);
    }

    [Fact]
    public void Without_a_zone_a_token_leads_to_one_of_the_subnets_and_stays_there_when_others_go()
    {
        foreach (var zone in Type.Zones)
        {
            _options.SubnetIds[zone] = FakeAws.Subnet(zone);
        }

        var before = Enumerable.Range(0, 50).Select(Chosen).ToList();
        _options.SubnetIds.Remove(Zone);
        var after = Enumerable.Range(0, 50).Select(Chosen).ToList();

        Assert.Equal(3, before.Distinct().Count());
        Assert.All(before.Zip(after), pair => Assert.True(pair.First == FakeAws.Subnet(Zone) || pair.First == pair.Second));

        string Chosen(int number) => Of(Request with { ClientToken = $"token-{number}" })["SubnetId"];
    }

    [Fact]
    public void Without_an_image_of_the_architecture_the_setting_is_named()
    {
        _options.ImageIds["us-east-1"].Arm64 = null;

        var fault = RunRequest.Of(Request, Type with { Architecture = Architecture.Arm64 }, "boot", _options).Fault;

        Assert.Equal("Fury:Aws:ImageIds:us-east-1:Arm64", fault?.Fields.Single().Field);
        _options.LaunchTemplate = "ours";
        var fields = RunRequest.Of(Request, Type with { Architecture = Architecture.Arm64 }, "boot", _options).Value.All.ToDictionary();
        Assert.Equal(("ours", "$Default"), (fields["LaunchTemplate.LaunchTemplateName"], fields["LaunchTemplate.Version"]));
    }

    [Fact]
    public void User_data_that_is_too_long_is_told_before_it_is_sent()
    {
        Assert.True(RunRequest.Of(Request, Type, new('x', 16384), _options).IsOk);
        Assert.Equal("environment", RunRequest.Of(Request, Type, new('x', 16385), _options).Fault?.Fields.Single().Field);
    }

    private Dictionary<string, string> Of(InstanceRequest request) => RunRequest.Of(request, Type, "boot ü", _options).Value.All.ToDictionary();
}
