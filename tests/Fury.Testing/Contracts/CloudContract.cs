using Fury.Kernel;
using Fury.Providers.Contracts;
using Xunit;

namespace Fury.Testing;

/// <summary>
/// What every cloud keeps besides <see cref="InstanceProviderContract"/>. A test that makes something happen to the cloud needs <see cref="Faults"/>; where
/// there are none, since the endpoint is a real one or somebody else's, it says nothing.
/// </summary>
/// <remarks>A subclass with <see cref="Faults"/> gives each test a cloud of its own: what happens to it is not taken back.</remarks>
public abstract partial class CloudContract : InstanceProviderContract, IAsyncLifetime
{
    private const string RunTag = "fury-test";
    private readonly string _run = Token();

    /// <summary>Null: nothing can be made to happen to this cloud.</summary>
    protected abstract ICloudFaults? Faults { get; }

    /// <summary>The same cloud through a provider that finds no credentials; null where that cannot be had.</summary>
    protected abstract IInstanceProvider? WithoutCredentials { get; }

    /// <summary>An id as the cloud gives them, of the first region, that was never given.</summary>
    protected abstract string UnknownId { get; }

    /// <summary>False where the endpoint has no spot instances.</summary>
    protected virtual bool HasSpot => true;

    /// <summary>
    /// True for a cloud that takes a creation before it knows whether there is room: the refusal is then the instance's own, and told by the same words.
    /// </summary>
    protected virtual bool RefusesLater => false;

    protected override bool PushesChanges => false;

    protected string Region => Provider.Regions[0];

    protected override InstanceRequest GoodRequest(string clientToken) => new(
        clientToken,
        Region,
        "https://artifacts.example/shop-1.4.0.tar.gz",
        "bin/shop",
        ["--serve"],
        new Dictionary<string, string> { ["SCOPE"] = "test-web" },
        CpuMillis: 500,
        MemoryMiB: 512,
        new Dictionary<string, string> { [RunTag] = _run })
    {
        ArtifactDigest = $"sha256:{new string('a', 64)}",
        Architectures = [Architecture.Amd64],
    };

    /// <summary>An artifact that no instance of a cloud can see.</summary>
    protected override InstanceRequest BadRequest(string clientToken) =>
        GoodRequest(clientToken) with { ArtifactUri = "ftp://artifacts.example/shop.tar.gz" };

    public virtual Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Leaves nothing behind where instances outlive the test.</summary>
    public virtual async Task DisposeAsync()
    {
        if (Faults is null)
        {
            foreach (var left in (await Provider.ListByTag(RunTag, _run, default)).Value)
            {
                await Provider.Terminate(left.Id, TimeSpan.Zero, default);
            }
        }
    }

    [Fact]
    public void Any_host_sees_and_ends_any_instance() => Assert.True(Provider is { IsShared: true, Regions.Count: > 0 });

    [Fact]
    public async Task Types_tell_their_architecture_and_zones()
    {
        var types = await Types();

        Assert.All(types, type => Assert.NotEmpty(type.Zones));
        Assert.All(types, type => Assert.Equal(type.SpotDollarsPerHour is not null, type.SpotDollarsPerHour is > 0));
        Assert.Equal(types.Count, types.Select(type => type.Name).Distinct().Count());
    }

    [Fact]
    public async Task The_cheapest_type_that_fits_is_chosen()
    {
        var request = GoodRequest(Token());
        var cheapest = (await Types()).First(type =>
            request.Architectures.Contains(type.Architecture) && type.CpuMillis >= request.CpuMillis && type.MemoryMiB >= request.MemoryMiB);

        var made = await Made(request);

        Assert.Equal(cheapest.Name, made.Type);
    }

    [Fact]
    public async Task A_named_type_and_a_named_zone_are_kept_to()
    {
        var type = (await Types()).Last(type => type.Architecture == Architecture.Amd64);

        var made = await Made(GoodRequest(Token()) with { Type = type.Name, Zone = type.Zones[^1] });
        await Eventually.True(async () => await Seen(made.Id) is not null);
        var seen = await Seen(made.Id);

        Assert.Equal((type.Name, type.Zones[^1], Market.OnDemand), (seen!.Type, seen.Zone, seen.Market));
    }

    [Fact]
    public async Task A_spot_instance_is_told_to_be_one()
    {
        if (HasSpot)
        {
            var made = await Made(GoodRequest(Token()) with { Market = Market.Spot });
            await Eventually.True(async () => await Seen(made.Id) is { Market: Market.Spot });
        }
    }

    [Fact]
    public async Task What_there_is_not_is_named_with_what_is_right_and_nothing_is_made()
    {
        var tag = Token();
        var zones = (await Types()).SelectMany(type => type.Zones).ToList();
        var good = WithTag(GoodRequest(Token()), tag);
        var small = (await Types()).First(type => type.Architecture == Architecture.Amd64).Name;
        var other = (await Types()).FirstOrDefault(type => type.Architecture == Architecture.Arm64);

        await Refused(good with { Region = "nowhere" }, "region", "nowhere", Region);
        await Refused(good with { Zone = "nowhere-a" }, "zone", "nowhere-a", zones[0]);
        await Refused(good with { Type = "no-such-type" }, "type", "no-such-type", "e.g.");
        await Refused(good with { CpuMillis = 64_000_000 }, "size", "64000000 millis, 512 MiB", "type of");
        await Refused(good with { Type = small, MemoryMiB = 1 << 30 }, "type", small, "at least");
        if (other is not null)
        {
            await Refused(good with { Type = other.Name }, "type", other.Name, "amd64");
        }

        Assert.Empty((await Provider.ListByTag("test", tag, default)).Value);
        Assert.True(Faults is null or { Made: 0 });
    }

    [Fact]
    public async Task A_tag_is_searched_for_as_it_is_written()
    {
        var tag = Token();
        await Made(WithTag(GoodRequest(Token()), tag));
        await Eventually.True(async () => (await Provider.ListByTag("test", tag, default)).Value.Count == 1);

        Assert.Empty((await Provider.ListByTag("test", "*", default)).Value);
        Assert.Empty((await Provider.ListByTag("test", $"{tag[..^1]}?", default)).Value);
        Assert.Empty((await Provider.ListByTag("test-", tag, default)).Value);
    }

    [Fact]
    public async Task Without_credentials_one_is_told_so()
    {
        if (WithoutCredentials is { } nobody)
        {
            Assert.Equal(FaultKind.Unauthenticated, (await nobody.Create(GoodRequest(Token()), default)).Fault?.Kind);
            Assert.Equal(FaultKind.Unauthenticated, (await nobody.Describe([UnknownId], default)).Fault?.Kind);
            Assert.Equal(FaultKind.Unauthenticated, (await nobody.ListByTag("test", "any", default)).Fault?.Kind);
            Assert.Equal(FaultKind.Unauthenticated, (await nobody.Types(Region, default)).Fault?.Kind);
            Assert.Equal(FaultKind.Unauthenticated, (await nobody.Terminate(UnknownId, TimeSpan.Zero, default)).Fault?.Kind);
        }
    }

    [Fact]
    public async Task What_was_never_there_fails_nothing()
    {
        var there = await Created(Token());
        await Eventually.True(async () => await Seen(there.Id) is not null);

        var described = await Provider.Describe([UnknownId, there.Id, "not-there", "nowhere/else"], default);
        var ended = await Task.WhenAll(new[] { UnknownId, there.Id }.Select(id => Provider.Terminate(id, TimeSpan.Zero, default)));
        var noId = await Provider.Terminate("not-there", TimeSpan.Zero, default);

        Assert.Equal([there.Id], described.Value.Select(seen => seen.Id));
        Assert.All(ended, outcome => Assert.True(outcome.IsOk || outcome.Fault.Kind == FaultKind.NotFound, outcome.Fault?.ToString()));
        Assert.True(noId.IsOk);
        await Eventually.True(async () => await Seen(there.Id) is null or { State: ProviderInstanceState.Stopped });
    }

    [Fact]
    public async Task One_that_was_told_to_end_has_not_failed()
    {
        var made = await Created(Token());
        await Eventually.True(async () => await Seen(made.Id) is { State: ProviderInstanceState.Running });

        await Provider.Terminate(made.Id, TimeSpan.Zero, default);

        await Eventually.True(async () => await Seen(made.Id) is null or { State: ProviderInstanceState.Stopped });
        Assert.True(await Seen(made.Id) is null or { Failure: null });
    }

    private async Task Refused(InstanceRequest request, string field, string value, string right)
    {
        var fault = (await Provider.Create(request, default)).Fault;

        Assert.Equal(FaultKind.Invalid, fault?.Kind);
        var bad = Assert.Single(fault!.Fields);
        Assert.Equal((field, value), (bad.Field, bad.Value));
        Assert.Contains(right, bad.Expected, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<InstanceType>> Types()
    {
        var types = await Provider.Types(Region, default);
        Assert.True(types.IsOk, types.Fault?.ToString());
        return types.Value;
    }

    private async Task<ProviderInstance> Made(InstanceRequest request) => (await MadeAll(request))[0];

    private async Task<IReadOnlyList<ProviderInstance>> MadeAll(InstanceRequest request)
    {
        var made = await Provider.Create(request, default);
        Assert.True(made.IsOk, made.Fault?.ToString());
        return made.Value;
    }
}
