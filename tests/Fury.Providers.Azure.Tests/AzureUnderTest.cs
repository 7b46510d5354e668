using Azure.Core.Pipeline;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Fury.Testing;
using Fury.Testing.Clouds.Azure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Azure.Tests;

/// <summary>The provider as a host would have it, from settings; only its pauses are none, and its authority is on loopback.</summary>
internal static class AzureUnderTest
{
    public static Dictionary<string, string?> Settings(FakeAzure azure, string? secretFile) => new()
    {
        ["Fury:Azure:Subscription"] = FakeAzure.Subscription,
        ["Fury:Azure:ResourceGroup"] = FakeAzure.GroupName,
        ["Fury:Azure:Regions:0"] = "westeurope",
        ["Fury:Azure:Regions:1"] = "northeurope",
        ["Fury:Azure:Endpoint"] = azure.Home.AbsoluteUri,
        ["Fury:Azure:Authority"] = LoopbackAuthority.Authority.AbsoluteUri,
        ["Fury:Azure:TenantId"] = FakeAzure.Tenant,
        ["Fury:Azure:ClientId"] = secretFile is null ? null : FakeAzure.Client,
        ["Fury:Azure:ClientSecretFile"] = secretFile,
        ["Fury:Azure:Subnets:westeurope"] = Subnet("westeurope"),
        ["Fury:Azure:Subnets:northeurope"] = Subnet("northeurope"),
        ["Fury:Azure:SshPublicKey"] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA operators",
        ["Fury:Azure:CallsPerSecond"] = "1000",
        ["Fury:Azure:CallsBurst"] = "10000",
        ["Fury:Azure:Prices:Standard_D2as_v5"] = "0.086",
        ["Fury:Azure:Prices:Standard_D2s_v5"] = "0.096",
        ["Fury:Azure:SpotPrices:Standard_D2s_v5"] = "0.02",
    };

    public static ServiceProvider Services(FakeAzure azure, IEnumerable<KeyValuePair<string, string?>> settings) => new ServiceCollection()
        .AddSingleton<IAgents, FakeAgents>()
        .AddAzureProvider(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .Replace(ServiceDescriptor.Singleton(provider => new AzureTokens(
            provider.GetRequiredService<IOptions<AzureOptions>>().Value,
            TimeProvider.System,
            new HttpClientTransport(new HttpClient(new LoopbackAuthority(azure.Home))))))
        .Replace(ServiceDescriptor.Singleton(provider => new AzureWire(
            provider.GetRequiredService<IOptions<AzureOptions>>().Value,
            provider.GetRequiredService<AzureTokens>(),
            new CloudCalls(_ => new(1000, 10_000), TimeProvider.System, () => 0),
            TimeProvider.System)))
        .BuildServiceProvider();

    public static string SecretFile(string secret)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, secret + "\n");
        return file;
    }

    public static IInstanceProvider Instances(this IServiceProvider services) => services.GetRequiredService<IInstanceProvider>();

    private static string Subnet(string region) =>
        $"/subscriptions/{FakeAzure.Subscription}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/{region}/subnets/instances";
}
