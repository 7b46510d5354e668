using Fury.Kernel;

namespace Fury.Providers.Azure.Tests.Types;

public sealed class SizeReadingTests
{
    [Fact]
    public void A_size_has_the_zones_that_are_open_to_the_subscription()
    {
        var open = Size("Standard_D2s_v5", "8") with { Restrictions = [new("Zone", new() { Zones = ["2"] })] };
        var closed = Size("Standard_D4s_v5", "16") with { Restrictions = [new("Zone", new() { Zones = ["1", "2", "3"] })] };
        var away = Size("Standard_D8s_v5", "32") with { Restrictions = [new("Location", null)] };
        var elsewhere = Size("Standard_D8s_v5", "32") with { LocationInfo = [new("northeurope")] };

        var types = SizeReading.Of("westeurope", [open, closed, away, elsewhere], new());

        Assert.Equal(["1", "3"], Assert.Single(types).Zones);
    }

    [Fact]
    public void A_size_tells_its_memory_its_architecture_and_whether_it_can_be_had_as_spot()
    {
        var arm = Size("Standard_D2ps_v5", "3.5", ("CpuArchitectureType", "Arm64"), ("LowPriorityCapable", "False"));
        var options = new AzureOptions
        {
            Prices = new Dictionary<string, decimal> { ["Standard_D2ps_v5"] = 1, ["westeurope/Standard_D2ps_v5"] = 2 },
            SpotPrices = new Dictionary<string, decimal> { ["Standard_D2ps_v5"] = 0.5m },
        };

        var type = Assert.Single(SizeReading.Of("westeurope", [arm], options));

        Assert.Equal((2000, 3584, Architecture.Arm64, false), (type.CpuMillis, type.MemoryMiB, type.Architecture, type.HasSpot));
        Assert.Equal((2, null), (type.DollarsPerHour, type.SpotDollarsPerHour));
    }

    [Fact]
    public void Only_sizes_of_the_patterns_that_tell_what_they_have_can_be_had()
    {
        var dark = new AzureSku { ResourceType = "virtualMachines", Name = "Standard_D2s_v5", LocationInfo = [new("westeurope")] };
        AzureSku[] all = [Size("Standard_B2s", "4"), Size("Standard_E2s_v5", "16"), Size("Standard_D2s_v5", "8") with { ResourceType = "disks" }, dark];

        Assert.Equal(["Standard_E2s_v5"], SizeReading.Of("westeurope", all, new()).Select(type => type.Name));
        Assert.Equal(["Standard_B2s"], SizeReading.Of("westeurope", all, new() { Sizes = ["Standard_B*"] }).Select(type => type.Name));
    }

    private static AzureSku Size(string name, string memory, params (string Name, string Value)[] capabilities) => new()
    {
        ResourceType = "virtualMachines",
        Name = name,
        LocationInfo = [new("westeurope") { Zones = ["3", "1", "2"] }],
        Capabilities = [new("vCPUs", "2"), new("MemoryGB", memory), .. capabilities.Select(one => new AzureCapability(one.Name, one.Value))],
    };
}
