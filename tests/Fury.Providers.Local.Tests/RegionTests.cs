using Fury.Hosting;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace Fury.Providers.Local.Tests;

/// <summary>The regions of one machine, as its settings name them.</summary>
public sealed class RegionTests
{
    [Fact]
    public async Task There_is_one_region_unless_others_are_named()
    {
        await using var usual = Services();
        await using var several = Services("north", "south", "north");

        Assert.Equal(["this-machine"], usual.GetRequiredService<IInstanceProvider>().Regions);
        Assert.Equal(["north", "south"], several.GetRequiredService<IInstanceProvider>().Regions);
        Assert.True((await several.GetRequiredService<IInstanceProvider>().Types("south", default)).IsOk);
        Assert.False((await several.GetRequiredService<IInstanceProvider>().Types("this-machine", default)).IsOk);
    }

    [Theory]
    [InlineData("North")]
    [InlineData("a/b")]
    [InlineData("-north")]
    public async Task A_region_that_is_no_name_is_refused_by_its_setting(string region)
    {
        await using var services = Services("north", region);

        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<LocalOptions>>().Value);

        Assert.Contains("Fury:Local:Regions", refused.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(params string[] regions)
    {
        var node = Substitute.For<INode>();
        node.DataFolder.Returns("/nowhere");
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(regions.Index().Select(region => KeyValuePair.Create<string, string?>($"Fury:Local:Regions:{region.Index}", region.Item)))
            .Build();
        return new ServiceCollection().AddLogging().AddSingleton(node).AddLocalProvider(settings).BuildServiceProvider();
    }
}
