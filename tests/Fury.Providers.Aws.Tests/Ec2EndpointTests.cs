using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Fury.Providers.Contracts;
using Fury.Testing;

namespace Fury.Providers.Aws.Tests;

/// <summary>
/// The same before the endpoint of <c>FURY_TEST_EC2_ENDPOINT</c>, in the region of <c>FURY_TEST_EC2_REGION</c> (default <c>us-east-1</c>), with the
/// credentials that the chain finds and instances of the images <c>FURY_TEST_EC2_IMAGE</c> and <c>FURY_TEST_EC2_IMAGE_ARM64</c>; without an endpoint the
/// strict one of this process, to which nothing happens. It makes real instances and ends them. What fails here is something that EC2 promises and this
/// endpoint does not keep, or that Fury does wrong; emulators may lack spot instances (<c>FURY_TEST_EC2_SPOT=0</c>) and
/// patterns in filters (<c>FURY_TEST_EC2_TYPES=m6i.large,m6g.large</c>).
/// </summary>
[Trait("Category", "Ec2")]
[Collection(AwsEnvironment.Collection)]
public sealed class Ec2EndpointTests : CloudContract
{
    private static readonly Uri? Endpoint = Said("FURY_TEST_EC2_ENDPOINT") is { } text ? new(text) : null;

    private FakeAws? _aws;
    private AwsServices? _services;
    private IInstanceProvider? _provider;

    protected override IInstanceProvider Provider => _provider!;

    protected override ICloudFaults? Faults => null;

    protected override IInstanceProvider? WithoutCredentials => null;

    protected override bool HasSpot => Said("FURY_TEST_EC2_SPOT") != "0";

    protected override string UnknownId => $"{Provider.Regions[0]}/i-0123456789abcdef0";

    public override async Task InitializeAsync()
    {
        _aws = Endpoint is null ? await FakeAws.Start() : null;
        _services = _aws is not null ? AwsUnderTest.Services(_aws) : AwsUnderTest.Services(Options(Endpoint!), Chain);
        _provider = _services.Instances(new FakeAgents());
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _services?.Dispose();
        if (_aws is not null)
        {
            await _aws.DisposeAsync();
        }
    }

    private static AwsOptions Options(Uri endpoint)
    {
        var region = Said("FURY_TEST_EC2_REGION") ?? AwsUnderTest.Region;
        var options = new AwsOptions();
        options.Regions.Add(region);
        options.Endpoints.Ec2 = endpoint;
        foreach (var type in Said("FURY_TEST_EC2_TYPES")?.Split(',') ?? [])
        {
            options.InstanceTypes.Add(type);
        }

        options.ImageIds[region] = new()
        {
            Amd64 = Said("FURY_TEST_EC2_IMAGE") ?? FakeAws.ImageAmd64,
            Arm64 = Said("FURY_TEST_EC2_IMAGE_ARM64") ?? FakeAws.ImageArm64,
        };

        return options;
    }

    private static Task<AWSCredentials> Chain() => DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync(null);

    private static string? Said(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;
}
