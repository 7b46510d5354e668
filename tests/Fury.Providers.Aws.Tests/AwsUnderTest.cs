using Amazon.Runtime;
using Fury.Testing;

namespace Fury.Providers.Aws.Tests;

/// <summary>The provider, and the fake that it speaks to.</summary>
internal static class AwsUnderTest
{
    public const string Region = "us-east-1";

    /// <summary>Settings that lead to the fake. Calls have no pace, since nobody but the tests waits for it.</summary>
    public static AwsOptions Options(Uri address)
    {
        var options = new AwsOptions { InstanceProfile = "fury-instance" };
        options.Regions.Add(Region);
        options.Regions.Add("eu-west-1");
        (options.Endpoints.Ec2, options.Endpoints.Eks, options.Endpoints.Sts) = (address, address, address);
        foreach (var region in options.Regions)
        {
            options.ImageIds[region] = new() { Amd64 = FakeAws.ImageAmd64, Arm64 = FakeAws.ImageArm64 };
            options.SecurityGroupIds[region] = [FakeAws.SecurityGroup];
        }

        options.InstanceTypes.Add("m*");
        options.InstanceTypes.Add("p5.*");
        options.Prices["m7i.large"] = 0.1008m;
        options.Prices["m6i.large"] = 0.096m;
        options.Prices["m7i.xlarge"] = 0.2016m;
        foreach (var kind in AwsRules.Rates.Keys)
        {
            options.Rates[kind] = new() { PerSecond = 1000, Burst = 1000 };
        }

        return options;
    }

    public static AwsServices Services(AwsOptions options, Func<Task<AWSCredentials>> credentials, TimeProvider? clock = null) =>
        new(options, credentials, clock ?? TimeProvider.System, () => 0.01);

    public static AwsServices Services(FakeAws aws, AwsOptions? options = null, TimeProvider? clock = null)
    {
        var source = new SessionCredentials(aws);
        return Services(options ?? Options(aws.Address), () => Task.FromResult<AWSCredentials>(source), clock);
    }
}

/// <summary>Credentials that end, and that the fake gives anew.</summary>
internal sealed class SessionCredentials(FakeAws aws) : RefreshingAWSCredentials
{
    protected override CredentialsRefreshState GenerateNewCredentials()
    {
        var keys = aws.Session("arn:aws:sts::123456789012:assumed-role/fury/test");
        return new(new(keys.AccessKey, keys.Secret, keys.Token), keys.Expires!.Value.UtcDateTime);
    }

    protected override Task<CredentialsRefreshState> GenerateNewCredentialsAsync() => Task.FromResult(GenerateNewCredentials());
}
