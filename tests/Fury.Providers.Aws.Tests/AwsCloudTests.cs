using Amazon.Runtime;
using Fury.Providers.Contracts;
using Fury.Testing;

namespace Fury.Providers.Aws.Tests;

/// <summary>What every cloud keeps, before a strict EC2 of this process.</summary>
public sealed class AwsCloudTests : CloudContract
{
    private FakeAws? _aws;
    private AwsServices? _services;
    private IInstanceProvider? _provider;

    protected override IInstanceProvider Provider => _provider!;

    protected override ICloudFaults? Faults => _aws;

    protected override IInstanceProvider? WithoutCredentials =>
        AwsUnderTest.Services(AwsUnderTest.Options(_aws!.Address), () => throw new AmazonClientException("There are none.")).Instances(new FakeAgents());

    protected override string UnknownId => $"{AwsUnderTest.Region}/i-0123456789abcdef0";

    public override async Task InitializeAsync()
    {
        _aws = await FakeAws.Start();
        _services = AwsUnderTest.Services(_aws);
        _provider = _services.Instances(new FakeAgents());
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _services?.Dispose();
        await _aws!.DisposeAsync();
    }
}
