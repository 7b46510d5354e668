using Fury.Kernel;

namespace Fury.Providers.Gcp.Tests.Types;

public sealed class TypeReadingTests
{
    private static readonly GcpOptions Any = new() { MachineTypes = ["*"] };

    [Fact]
    public void A_type_has_the_zones_that_offer_it_and_what_it_may_use_for_good()
    {
        var types = TypeReading.Of(
            "r", [("r-b", Type("e2-small", 2, 2048)), ("r-a", Type("e2-small", 2, 2048)), ("r-a", Type("n2-standard-2", 2, 8192))], Any);

        Assert.Equal(["r-a", "r-b"], types[0].Zones);
        Assert.Equal((500, 2048), (types[0].CpuMillis, types[0].MemoryMiB));
        Assert.Equal((2000, 8192), (types[1].CpuMillis, types[1].MemoryMiB));
    }

    [Theory]
    [InlineData("c4a-standard-1", "ARM64", Architecture.Arm64)]
    [InlineData("t2a-standard-1", null, Architecture.Arm64)]
    [InlineData("n2-standard-2", null, Architecture.Amd64)]
    [InlineData("n2-standard-2", "X86_64", Architecture.Amd64)]
    public void The_architecture_is_as_the_type_or_its_series_says(string name, string? told, Architecture architecture) =>
        Assert.Equal(architecture, Assert.Single(TypeReading.Of("r", [("r-a", Type(name, 2, 1) with { Architecture = told })], Any)).Architecture);

    [Fact]
    public void Only_types_of_the_patterns_that_are_not_withdrawn_can_be_had()
    {
        (string, GceMachineType)[] all =
        [
            ("r-a", Type("a2-highgpu-1g", 12, 1)), ("r-a", Type("e2-small", 2, 1)), ("r-a", Type("n2-standard-2", 2, 1)),
            ("r-a", Type("n2-standard-4", 2, 1) with { Deprecated = new("OBSOLETE") }),
            ("r-a", Type("n2-standard-8", 2, 1) with { Deprecated = new("DEPRECATED") }),
        ];

        Assert.Equal(["n2-standard-2", "n2-standard-8"], TypeReading.Of("r", all, new()).Select(type => type.Name));
        Assert.Equal(["a2-highgpu-1g"], TypeReading.Of("r", all, new() { MachineTypes = ["a2-*"] }).Select(type => type.Name));
    }

    [Fact]
    public void Prices_are_those_of_the_settings_and_a_regions_own_go_first()
    {
        var options = new GcpOptions
        {
            MachineTypes = ["*"],
            Prices = new Dictionary<string, decimal> { ["e2-small"] = 1, ["r/e2-small"] = 2 },
            SpotPrices = new Dictionary<string, decimal> { ["e2-small"] = 0.5m },
        };

        var here = TypeReading.Of("r", [("r-a", Type("e2-small", 2, 1)), ("r-a", Type("e2-micro", 2, 1))], options);
        var there = TypeReading.Of("s", [("s-a", Type("e2-small", 2, 1))], options);

        Assert.Equal((2, 0.5m), (here[0].DollarsPerHour, here[0].SpotDollarsPerHour));
        Assert.Null(here[1].DollarsPerHour);
        Assert.Equal(1, there[0].DollarsPerHour);
    }

    [Theory]
    [InlineData("c4a-standard-1", "hyperdisk-balanced")]
    [InlineData("n4-standard-2", "hyperdisk-balanced")]
    [InlineData("n2-standard-2", "pd-balanced")]
    [InlineData("e2-small", "pd-balanced")]
    public void A_disk_is_of_the_kind_that_the_series_takes(string type, string disk) => Assert.Equal(disk, InstanceBody.DiskTypeOf(type));

    private static GceMachineType Type(string name, int cpus, int memory) => new() { Name = name, GuestCpus = cpus, MemoryMb = memory };
}
