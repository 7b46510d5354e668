using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Fury.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Aws.Tests;

public sealed class AwsProviderTests
{
    [Fact]
    public void Without_regions_there_is_no_such_provider() => Assert.Empty(new ServiceCollection().AddAwsProvider(Settings([])));

    [Fact]
    public async Task With_regions_there_are_instances_and_clusters()
    {
        await using var provider = Services(new()
        {
            ["Fury:Aws:Regions:0"] = "eu-west-1",
            ["Fury:Aws:ImageIds:eu-west-1:Amd64"] = "ami-0abc",
            ["Fury:Aws:SubnetIds:eu-west-1a"] = "subnet-0abc",
            ["Fury:Aws:SecurityGroupIds:eu-west-1:0"] = "sg-0abc",
            ["Fury:Aws:Prices:m7i.large"] = "0.1",
            ["Fury:Aws:Rates:run:PerSecond"] = "5",
            ["Fury:Aws:Rates:run:Burst"] = "50",
            ["Fury:Aws:Endpoints:Ec2"] = "http://127.0.0.1:9/",
        }).BuildServiceProvider();

        Assert.Equal("aws", provider.GetRequiredService<IInstanceProvider>().Name);
        Assert.Equal(["eu-west-1"], provider.GetRequiredService<IClusterProvider>().Regions);
        var options = provider.GetRequiredService<IOptions<AwsOptions>>().Value;
        Assert.Equal("sg-0abc", options.SecurityGroupIds["eu-west-1"][0]);
        Assert.Equal(new PaceLimit(5, 50), AwsRules.RateOf("aws/eu-west-1/run", options));
        Assert.Equal(new PaceLimit(20, 100), AwsRules.RateOf("aws/eu-west-1/describe", options));
    }

    [Theory]
    [InlineData("Regions:1", "somewhere", "Fury:Aws:Regions must be")]
    [InlineData("Regions:1", "eu-west-1", "Fury:Aws:Regions must be named once each")]
    [InlineData("RoleArn", "fury", "Fury:Aws:RoleArn must be")]
    [InlineData("ExternalId", "x", "Fury:Aws:ExternalId must be left out")]
    [InlineData("ImageIds:us-east-1:Amd64", "ami-0abc", "Fury:Aws:ImageIds must be by region")]
    [InlineData("ImageIds:eu-west-1:Amd64", "ubuntu", "Fury:Aws:ImageIds must be image ids")]
    [InlineData("SubnetIds:us-east-1a", "subnet-0abc", "Fury:Aws:SubnetIds must be by zone")]
    [InlineData("SubnetIds:eu-west-1a", "sg-0abc", "Fury:Aws:SubnetIds must be subnet ids")]
    [InlineData("SecurityGroupIds:eu-west-1:0", "default", "Fury:Aws:SecurityGroupIds must be ids")]
    [InlineData("InstanceTypes:0", "everything", "Fury:Aws:InstanceTypes must be")]
    [InlineData("Prices:m7i.large", "0", "Fury:Aws:Prices must be")]
    [InlineData("MetadataHopLimit", "65", "Fury:Aws:MetadataHopLimit must be")]
    [InlineData("Rates:launch:PerSecond", "1", "Fury:Aws:Rates must be by kind of call: run, run-instances, terminate, describe, clusters.")]
    [InlineData("Rates:run:PerSecond", "0", "Fury:Aws:Rates must be more than 0")]
    [InlineData("Endpoints:Ec2", "http://ec2.example/", "Fury:Aws:Endpoints:Ec2 must be an https address")]
    public void A_wrong_setting_is_named_with_what_is_right(string name, string value, string expected)
    {
        using var provider = Services(new() { ["Fury:Aws:Regions:0"] = "eu-west-1", [$"Fury:Aws:{name}"] = value }).BuildServiceProvider();

        var refused = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<AwsOptions>>().Value);

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_variable_is_named_too()
    {
        var refused = new AwsRules(name => name == "AWS_ENDPOINT_URL_EC2" ? "ftp://x" : null).Validate(null, AwsUnderTest.Options(new("http://127.0.0.1:1")));

        Assert.Contains("AWS_ENDPOINT_URL_EC2 must be", refused.FailureMessage, StringComparison.Ordinal);
    }

    private static IServiceCollection Services(Dictionary<string, string?> settings) =>
        new ServiceCollection().AddSingleton<IAgents>(new FakeAgents()).AddAwsProvider(Settings(settings));

    private static IConfigurationRoot Settings(Dictionary<string, string?> settings) => new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
}
