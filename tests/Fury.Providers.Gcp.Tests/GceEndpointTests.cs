using Fury.Providers.Contracts;
using Fury.Testing;
using Fury.Testing.Clouds.Gcp;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Providers.Gcp.Tests;

/// <summary>
/// What every cloud keeps, against the endpoint <c>FURY_TEST_GCE_ENDPOINT</c>, which may be Google's own (<c>https://compute.googleapis.com/</c>): then it
/// makes instances of <c>FURY_TEST_GCE_PROJECT</c> in <c>FURY_TEST_GCE_REGION</c> with the credentials of the machine, and ends them. Without it a strict
/// fake of which nothing else is asked.
/// </summary>
[Trait("Category", "Gce")]
public sealed class GceEndpointTests : CloudContract
{
    private static readonly string? Endpoint = Environment.GetEnvironmentVariable("FURY_TEST_GCE_ENDPOINT") is { Length: > 0 } url ? url : null;

    private FakeGoogle? _google;
    private ServiceProvider _services = null!;

    protected override IInstanceProvider Provider => _services.Instances();

    protected override ICloudFaults? Faults => null;

    protected override IInstanceProvider? WithoutCredentials => null;

    protected override string UnknownId => $"{Region}/{Region}-b/fury-00000000000000000000-0";

    protected override bool RefusesLater => true;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        if (Endpoint is null)
        {
            _google = await FakeGoogle.Start();
        }

        _services = GcpUnderTest.Services(_google is not null ? GcpUnderTest.Settings(_google) : new Dictionary<string, string?>
        {
            ["Fury:Gcp:Endpoint"] = Endpoint,
            ["Fury:Gcp:Project"] = Environment.GetEnvironmentVariable("FURY_TEST_GCE_PROJECT"),
            ["Fury:Gcp:Regions:0"] = Environment.GetEnvironmentVariable("FURY_TEST_GCE_REGION") ?? "europe-west1",
            ["Fury:Gcp:CredentialFile"] = Environment.GetEnvironmentVariable("FURY_TEST_GCE_CREDENTIALS"),
        });
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _services.DisposeAsync();
        await (_google?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
