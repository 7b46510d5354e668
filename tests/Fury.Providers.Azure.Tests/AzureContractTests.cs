using Fury.Kernel;
using Fury.Providers.Contracts;
using Fury.Testing;
using Fury.Testing.Clouds.Azure;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Providers.Azure.Tests;

/// <summary>What every cloud keeps, and what only Azure does.</summary>
public sealed class AzureContractTests : CloudContract
{
    private readonly string _secretFile = AzureUnderTest.SecretFile(FakeAzure.Secret);
    private FakeAzure _azure = null!;
    private ServiceProvider _services = null!;
    private ServiceProvider _nobody = null!;

    protected override IInstanceProvider Provider => _services.Instances();

    protected override ICloudFaults Faults => _azure;

    protected override IInstanceProvider WithoutCredentials => _nobody.Instances();

    protected override string UnknownId => "westeurope/fury-00000000000000000000-0";

    protected override bool RefusesLater => true;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _azure = await FakeAzure.Start();
        _services = AzureUnderTest.Services(_azure, AzureUnderTest.Settings(_azure, _secretFile));
        _nobody = AzureUnderTest.Services(_azure, AzureUnderTest.Settings(_azure, "/no/such/file"));
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _services.DisposeAsync();
        await _nobody.DisposeAsync();
        await _azure.DisposeAsync();
        File.Delete(_secretFile);
    }

    [Fact]
    public async Task Many_without_a_zone_are_spread_over_all_that_have_the_size()
    {
        var made = (await Provider.Create(GoodRequest(Token()) with { Count = 6 }, default)).Value;

        Assert.Equal([2, 2, 2], made.GroupBy(one => one.Zone).Select(zone => zone.Count()));
    }

    [Fact]
    public async Task A_hundred_are_asked_for_with_a_call_each_and_described_with_three()
    {
        await Provider.Types(Region, default);
        var before = _azure.Calls;
        var made = (await Provider.Create(GoodRequest(Token()) with { Count = 100 }, default)).Value;
        var between = _azure.Calls;

        var seen = (await Provider.Describe([.. made.Select(one => one.Id)], default)).Value;

        Assert.Equal((100, 100, 100), (made.Count, _azure.Made, between - before));
        Assert.Equal((100, 3), (seen.Count, _azure.Calls - between));
        Assert.Equal(100, seen.Select(one => one.Address).Distinct().Count());
    }

    [Fact]
    public async Task Regions_that_are_looked_at_together_share_the_lists()
    {
        var here = (await Provider.Create(GoodRequest(Token()) with { Count = 10 }, default)).Value;
        var there = (await Provider.Create(GoodRequest(Token()) with { Count = 10, Region = "northeurope" }, default)).Value;
        var before = _azure.Calls;

        var seen = (await Provider.Describe([.. here.Concat(there).Select(one => one.Id)], default)).Value;

        Assert.Equal((20, 3), (seen.Count, _azure.Calls - before));
    }

    [Fact]
    public async Task One_that_is_there_is_never_changed_and_is_a_conflict_or_its_own()
    {
        var request = GoodRequest(Token());
        var made = (await Provider.Create(request, default)).Value[0];

        var same = await Provider.Create(request, default);
        var other = await Provider.Create(request with { Environment = new Dictionary<string, string> { ["SCOPE"] = "other" } }, default);

        Assert.Equal(made.Id, same.Value[0].Id);
        Assert.Equal(FaultKind.Conflict, other.Fault?.Kind);
        Assert.Equal(1, _azure.Made);
    }

    [Fact]
    public async Task Nothing_of_an_instance_outlives_it_and_it_runs_the_agents_user_data()
    {
        var made = (await Provider.Create(GoodRequest(Token()), default)).Value[0];

        var asked = _azure.Instance(made.Id)!["properties"]!;

        Assert.Equal("Delete", $"{asked["storageProfile"]!["osDisk"]!["deleteOption"]}");
        Assert.Equal("Delete", $"{asked["networkProfile"]!["networkInterfaceConfigurations"]![0]!["properties"]!["deleteOption"]}");
        Assert.Equal("TrustedLaunch", $"{asked["securityProfile"]!["securityType"]}");
        var data = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String($"{asked["osProfile"]!["customData"]}"));
        Assert.Contains("bin/shop", data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_stopped_by_itself_is_deleted_once_it_was_seen_for_long_enough()
    {
        var settings = AzureUnderTest.Settings(_azure, _secretFile);
        settings["Fury:Azure:StoppedKept"] = "00:00:00";
        await using var hasty = AzureUnderTest.Services(_azure, settings);
        var made = (await Provider.Create(GoodRequest(Token()) with { Market = Market.Spot }, default)).Value[0];
        await Eventually.True(async () => await Seen(made.Id) is { State: ProviderInstanceState.Running });

        _azure.TakeBack(made.Id);
        await Seen(made.Id);
        Assert.NotNull((await Seen(made.Id))?.Failure);
        await hasty.Instances().Describe([made.Id], default);

        await Eventually.True(() => _azure.Instance(made.Id) is null);
    }

    [Fact]
    public async Task A_group_that_is_missing_is_not_taken_for_instances_that_are_gone()
    {
        var made = (await Provider.Create(GoodRequest(Token()), default)).Value[0];
        var settings = AzureUnderTest.Settings(_azure, _secretFile);
        settings["Fury:Azure:ResourceGroup"] = "elsewhere";
        await using var lost = AzureUnderTest.Services(_azure, settings);

        var seen = await lost.Instances().Describe([made.Id], default);

        Assert.Equal(FaultKind.Invalid, seen.Fault?.Kind);
    }

    [Fact]
    public async Task What_azure_does_not_take_as_a_tag_or_as_user_data_is_named()
    {
        var tags = new Dictionary<string, string> { ["a/b"] = "c", ["long"] = new string('x', 257) };
        var environment = new Dictionary<string, string> { ["LONG"] = new string('x', 70 * 1024) };

        var tagged = (await Provider.Create(GoodRequest(Token()) with { Tags = tags }, default)).Fault;
        var large = (await Provider.Create(GoodRequest(Token()) with { Environment = environment }, default)).Fault;

        Assert.Equal(["tags.a/b", "tags.long"], tagged?.Fields.Select(field => field.Field));
        Assert.Equal("userData", large?.Fields[0].Field);
        Assert.Equal(0, _azure.Made);
    }
}
