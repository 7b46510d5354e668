using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Fury.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Gcp.Tests;

public sealed class SettingsTests
{
    private static readonly Dictionary<string, string?> Good = new() { ["Project"] = "shop-production", ["Regions:0"] = "europe-west1" };

    [Fact]
    public void Without_a_project_or_a_region_there_is_no_such_provider()
    {
        Assert.Empty(Services(new() { ["Regions:0"] = "europe-west1" }).GetServices<IInstanceProvider>());
        Assert.Empty(Services(new() { ["Project"] = "shop-production" }).GetServices<IInstanceProvider>());
        Assert.Equal("gcp", Assert.Single(Services(Good).GetServices<IInstanceProvider>()).Name);
    }

    [Theory]
    [InlineData("Project", "Shop")]
    [InlineData("Project", "shop/../other")]
    [InlineData("Regions:1", "europe-west1")]
    [InlineData("Regions:1", "europe/west1")]
    [InlineData("Zones:europe-west1:0", "us-central1-a")]
    [InlineData("Images:sparc", "x")]
    [InlineData("Endpoint", "ftp://there")]
    [InlineData("TokenEndpoint", "file:///there")]
    [InlineData("DiskGiB", "9")]
    [InlineData("CallsPerSecond", "0")]
    [InlineData("CallsBurst", "0")]
    [InlineData("CallTimeout", "00:00:00")]
    [InlineData("Prices:e2-small", "0")]
    public void A_bad_setting_is_named_at_the_start(string key, string value)
    {
        var settings = Services(new(Good) { [key] = value }).GetRequiredService<IOptions<GcpOptions>>();

        var wrong = Assert.Throws<OptionsValidationException>(() => settings.Value);

        Assert.Contains($"Fury:Gcp:{key.Split(':')[0]}", wrong.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings) => new ServiceCollection()
        .AddSingleton<IAgents, FakeAgents>()
        .AddGcpProvider(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(one => $"Fury:Gcp:{one.Key}", one => one.Value)).Build())
        .BuildServiceProvider();
}
