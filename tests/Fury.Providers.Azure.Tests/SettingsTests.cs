using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Fury.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Azure.Tests;

public sealed class SettingsTests
{
    private static readonly Dictionary<string, string?> Good = new()
    {
        ["Subscription"] = "33333333-3333-3333-3333-333333333333",
        ["ResourceGroup"] = "fury",
        ["Regions:0"] = "westeurope",
        ["Subnets:westeurope"] = "/subscriptions/1/resourceGroups/2/providers/Microsoft.Network/virtualNetworks/3/subnets/4",
        ["SshPublicKey"] = "ssh-ed25519 AAAA",
    };

    [Fact]
    public void Without_a_subscription_or_a_region_there_is_no_such_provider()
    {
        Assert.Empty(Services(Good.Where(one => one.Key != "Regions:0").ToDictionary()).GetServices<IInstanceProvider>());
        Assert.Empty(Services(Good.Where(one => one.Key != "Subscription").ToDictionary()).GetServices<IInstanceProvider>());
        Assert.Equal("azure", Assert.Single(Services(Good).GetServices<IInstanceProvider>()).Name);
    }

    [Theory]
    [InlineData("Subscription", "mine")]
    [InlineData("ResourceGroup", "a/b")]
    [InlineData("Regions:0", "West Europe")]
    [InlineData("Subnets:westeurope", "subnet")]
    [InlineData("SecurityGroups:westeurope", "group")]
    [InlineData("Images:amd64", "debian")]
    [InlineData("Images:sparc", "a:b:c:d")]
    [InlineData("SshPublicKey", "-----BEGIN PRIVATE KEY-----")]
    [InlineData("ClientSecretFile", "/file")]
    [InlineData("Authority", "http://there")]
    [InlineData("Endpoint", "ftp://there")]
    [InlineData("DiskGiB", "0")]
    [InlineData("CallsPerSecond", "0")]
    [InlineData("CallsBurst", "0")]
    [InlineData("CallTimeout", "00:00:00")]
    [InlineData("StoppedKept", "-00:00:01")]
    [InlineData("Prices:Standard_D2s_v5", "0")]
    public void A_bad_setting_is_named_at_the_start(string key, string value)
    {
        var settings = Services(new(Good) { [key] = value }).GetRequiredService<IOptions<AzureOptions>>();

        var wrong = Assert.Throws<OptionsValidationException>(() => settings.Value);

        Assert.Contains($"Fury:Azure:{key.Split(':')[0]}", wrong.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings) => new ServiceCollection()
        .AddSingleton<IAgents, FakeAgents>()
        .AddAzureProvider(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(one => $"Fury:Azure:{one.Key}", one => one.Value)).Build())
        .BuildServiceProvider();
}
