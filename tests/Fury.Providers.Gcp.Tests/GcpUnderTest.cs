using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Fury.Testing;
using Fury.Testing.Clouds.Gcp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Gcp.Tests;

/// <summary>The provider as a host would have it, from settings; only its pauses are none.</summary>
internal static class GcpUnderTest
{
    public static Dictionary<string, string?> Settings(FakeGoogle google) => new()
    {
        ["Fury:Gcp:Project"] = FakeGoogle.Project,
        ["Fury:Gcp:Regions:0"] = "europe-west1",
        ["Fury:Gcp:Regions:1"] = "us-central1",
        ["Fury:Gcp:Endpoint"] = google.Home.AbsoluteUri,
        ["Fury:Gcp:ContainerEndpoint"] = google.Home.AbsoluteUri,
        ["Fury:Gcp:CredentialFile"] = google.CredentialFile,
        ["Fury:Gcp:CallsPerSecond"] = "1000",
        ["Fury:Gcp:CallsBurst"] = "10000",
        ["Fury:Gcp:MachineTypes:0"] = "e2-*",
        ["Fury:Gcp:MachineTypes:1"] = "n2-*",
        ["Fury:Gcp:MachineTypes:2"] = "*-standard-1",
        ["Fury:Gcp:Prices:e2-small"] = "0.017",
        ["Fury:Gcp:Prices:e2-medium"] = "0.034",
        ["Fury:Gcp:SpotPrices:e2-small"] = "0.006",
    };

    public static ServiceProvider Services(IEnumerable<KeyValuePair<string, string?>> settings) => new ServiceCollection()
        .AddSingleton<IAgents, FakeAgents>()
        .AddGcpProvider(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .Replace(ServiceDescriptor.Singleton(provider => new GcpWire(
            provider.GetRequiredService<IOptions<GcpOptions>>().Value,
            provider.GetRequiredService<GcpTokens>(),
            new CloudCalls(_ => new(1000, 10_000), TimeProvider.System, () => 0),
            TimeProvider.System)))
        .BuildServiceProvider();

    public static IInstanceProvider Instances(this IServiceProvider services) => services.GetRequiredService<IInstanceProvider>();
}
