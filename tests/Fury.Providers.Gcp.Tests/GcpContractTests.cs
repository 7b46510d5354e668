using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Fury.Testing;
using Fury.Testing.Clouds.Gcp;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Providers.Gcp.Tests;

/// <summary>What every cloud keeps, and what only Google's does.</summary>
public sealed class GcpContractTests : CloudContract
{
    private FakeGoogle _google = null!;
    private ServiceProvider _services = null!;
    private ServiceProvider _nobody = null!;

    protected override IInstanceProvider Provider => _services.Instances();

    protected override ICloudFaults Faults => _google;

    protected override IInstanceProvider WithoutCredentials => _nobody.Instances();

    protected override string UnknownId => "europe-west1/europe-west1-b/fury-00000000000000000000-0";

    protected override bool RefusesLater => true;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _google = await FakeGoogle.Start();
        var settings = GcpUnderTest.Settings(_google);
        _services = GcpUnderTest.Services(settings);
        _nobody = GcpUnderTest.Services(new Dictionary<string, string?>(settings) { ["Fury:Gcp:CredentialFile"] = "/no/such/file.json" });
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _services.DisposeAsync();
        await _nobody.DisposeAsync();
        await _google.DisposeAsync();
    }

    [Fact]
    public async Task A_quota_that_is_refused_at_once_is_told_at_once()
    {
        _google.IsQuotaToldAtOnce = true;
        _google.QuotaLeft = 0;

        var fault = (await Provider.Create(GoodRequest(Token()), default)).Fault;

        Assert.Equal((FaultKind.Exhausted, Limits.Quota), (fault?.Kind, fault?.Facts.GetValueOrDefault(Limits.Fact)));
    }

    [Fact]
    public async Task One_of_many_whose_answer_was_lost_for_good_is_named_so_that_it_can_be_found()
    {
        await Provider.Types(Region, default);
        var token = Token();
        _google.LosesAnswersOf = Wish.Name(token, 1);

        var made = (await Provider.Create(GoodRequest(token) with { Count = 3 }, default)).Value;

        Assert.Equal(3, made.Count);
        Assert.Equal(3, (await Provider.Describe([.. made.Select(one => one.Id)], default)).Value.Count);
    }

    [Fact]
    public async Task Many_without_a_zone_are_spread_over_all_that_have_the_type()
    {
        var made = (await Provider.Create(GoodRequest(Token()) with { Count = 6 }, default)).Value;

        Assert.Equal([2, 2, 2], made.GroupBy(one => one.Zone).Select(zone => zone.Count()));
    }

    [Fact]
    public async Task A_hundred_are_asked_for_with_a_call_each_and_no_more()
    {
        await Provider.Types(Region, default);
        var before = _google.Calls;

        var made = (await Provider.Create(GoodRequest(Token()) with { Count = 100 }, default)).Value;

        Assert.Equal(100, made.Count);
        Assert.Equal(100, _google.Made);
        Assert.Equal(100, _google.Calls - before);
    }

    [Fact]
    public async Task More_than_a_hundred_of_a_zone_are_looked_at_by_one_list_and_no_other_is_told()
    {
        var request = GoodRequest(Token()) with { Zone = "europe-west1-b", Count = 60 };
        await Provider.Create(request, default);
        var made = (await Provider.Create(request with { ClientToken = Token(), Count = 60 }, default)).Value
            .Concat((await Provider.Create(request with { ClientToken = Token() }, default)).Value)
            .Select(one => one.Id)
            .ToList();
        var before = _google.Calls;

        var seen = (await Provider.Describe(made, default)).Value;

        Assert.Equal(made.Order(), seen.Select(one => one.Id).Order());
        Assert.Equal(1, _google.Calls - before);
    }

    [Fact]
    public async Task A_name_that_another_wish_has_taken_is_a_conflict_and_one_of_the_same_wish_is_its_instance()
    {
        var request = GoodRequest(Token());
        var made = (await Provider.Create(request, default)).Value[0];
        await using var other = GcpUnderTest.Services(GcpUnderTest.Settings(_google));

        var same = await other.Instances().Create(request, default);
        var another = await other.Instances().Create(request with { Environment = new Dictionary<string, string> { ["SCOPE"] = "other" } }, default);

        Assert.Equal(made.Id, same.Value[0].Id);
        Assert.Equal(FaultKind.Conflict, another.Fault?.Kind);
        Assert.Equal(1, _google.Made);
    }

    [Fact]
    public async Task Tags_that_are_no_labels_are_kept_and_found_all_the_same()
    {
        var value = $"shop/Production Web {new string('x', 200)} {Token()}";
        var tags = new Dictionary<string, string>(GoodRequest("").Tags) { ["Fury:Scope"] = value, ["goog-thing"] = "", ["plain"] = "Ünicode" };
        var made = (await Provider.Create(GoodRequest(Token()) with { Tags = tags }, default)).Value[0];

        var found = (await Provider.ListByTag("Fury:Scope", value, default)).Value;
        var others = (await Provider.ListByTag("Fury:Scope", value + " ", default)).Value;

        Assert.Equal([made.Id], found.Select(one => one.Id));
        Assert.Equal(tags.OrderBy(one => one.Key), found[0].Tags.OrderBy(one => one.Key));
        Assert.Empty(others);
    }

    [Fact]
    public async Task An_instance_is_shielded_has_no_address_of_the_internet_and_runs_the_agents_user_data()
    {
        var made = (await Provider.Create(GoodRequest(Token()), default)).Value[0];

        var asked = _google.Instance(made.Id)!;

        Assert.True(asked["shieldedInstanceConfig"]!["enableSecureBoot"]!.GetValue<bool>());
        Assert.Null(asked["networkInterfaces"]![0]!["accessConfigs"]);
        Assert.Null(asked["serviceAccounts"]);
        var metadata = asked["metadata"]!["items"]!.AsArray().ToDictionary(item => $"{item!["key"]}", item => $"{item!["value"]}");
        Assert.Contains("bin/shop", metadata["startup-script"], StringComparison.Ordinal);
        Assert.Equal("FALSE", metadata["enable-oslogin"]);
    }

    [Fact]
    public async Task One_that_stopped_by_itself_is_deleted_and_its_reason_is_still_known()
    {
        var made = (await Provider.Create(GoodRequest(Token()), default)).Value[0];
        await Eventually.True(async () => await Seen(made.Id) is { State: ProviderInstanceState.Running });

        _google.Kill(made.Id);
        await Seen(made.Id);

        await Eventually.True(() => _google.Instance(made.Id) is null);
        Assert.Contains("shut itself down", (await Seen(made.Id))!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_was_told_to_go_before_it_was_taken_back_has_not_failed()
    {
        var made = (await Provider.Create(GoodRequest(Token()) with { Market = Market.Spot }, default)).Value[0];
        await Eventually.True(async () => await Seen(made.Id) is { State: ProviderInstanceState.Running });

        _google.StopTakes = TimeSpan.FromMinutes(1);
        await Provider.Terminate(made.Id, TimeSpan.Zero, default);
        _google.TakeBack(made.Id);

        Assert.Null((await Seen(made.Id))?.Failure);
    }

    [Fact]
    public async Task What_does_not_fit_into_an_instance_is_named()
    {
        var tags = Enumerable.Range(0, 63).ToDictionary(number => $"tag-{number}", _ => "x");
        var environment = new Dictionary<string, string> { ["LONG"] = new string('x', 300 * 1024) };

        var tagged = (await Provider.Create(GoodRequest(Token()) with { Tags = tags }, default)).Fault;
        var large = (await Provider.Create(GoodRequest(Token()) with { Environment = environment }, default)).Fault;

        Assert.Equal("tags", tagged?.Fields[0].Field);
        Assert.Equal("userData", large?.Fields[0].Field);
        Assert.Equal(0, _google.Made);
    }
}
