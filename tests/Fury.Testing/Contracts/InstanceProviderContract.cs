using Fury.Kernel;
using Fury.Providers.Contracts;
using Xunit;

namespace Fury.Testing;

/// <summary>What every cloud keeps. A subclass gives the provider, a request that works and one that never can.</summary>
public abstract class InstanceProviderContract
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    protected abstract IInstanceProvider Provider { get; }

    /// <summary>A request for something that runs until it is terminated and writes at least one line.</summary>
    protected abstract InstanceRequest GoodRequest(string clientToken);

    /// <summary>A request for something that cannot be started.</summary>
    protected abstract InstanceRequest BadRequest(string clientToken);

    /// <summary>False for a provider that has no way to push: its <see cref="IInstanceProvider.Changes"/> yields nothing.</summary>
    protected virtual bool PushesChanges => true;

    /// <summary>The instance is seen to use CPU and memory from now on, or from some moment soon; called again and again.</summary>
    protected virtual void Work(string id)
    {
    }

    [Fact]
    public async Task An_instance_runs_at_its_own_address()
    {
        var one = await Created(Token());
        var other = await Created(Token());

        await Eventually.True(async () => (await Seen(one.Id))?.State == ProviderInstanceState.Running);
        await Eventually.True(async () => (await Seen(other.Id))?.State == ProviderInstanceState.Running);
        var (first, second) = ((await Seen(one.Id))!, (await Seen(other.Id))!);

        Assert.NotNull(first.Address);
        Assert.NotEqual(first.Address, second.Address);
        Assert.True(first.Port > 0);
        Assert.Null(first.Reason);
    }

    [Fact]
    public async Task The_same_token_again_returns_the_instance_of_the_first_call()
    {
        var token = Token();

        var all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => Provider.Create(GoodRequest(token), default))));

        Assert.All(all, outcome => Assert.True(outcome.IsOk, outcome.Fault?.ToString()));
        Assert.All(all, outcome => Assert.Equal(token, Assert.Single(outcome.Value).ClientToken));
        Assert.Single(all.Select(outcome => outcome.Value[0].Id).Distinct());
    }

    [Fact]
    public async Task Many_are_asked_for_at_once_and_asked_for_again_they_are_the_same()
    {
        var request = GoodRequest(Token()) with { Count = 3 };

        var first = await Provider.Create(request, default);
        var again = await Provider.Create(request, default);

        Assert.True(first.IsOk, first.Fault?.ToString());
        Assert.Equal(3, first.Value.Select(instance => instance.Id).Distinct().Count());
        Assert.Equal(Ids(first.Value), Ids(again.Value));
        await Eventually.True(async () => (await Provider.Describe(Ids(first.Value), default)).Value.Count == 3);
        foreach (var id in Ids(first.Value))
        {
            Assert.True((await Provider.Terminate(id, Grace, default)).IsOk);
        }

        await Eventually.True(async () =>
            (await Provider.Describe(Ids(first.Value), default)).Value.All(seen => seen.State == ProviderInstanceState.Stopped));
    }

    [Fact]
    public async Task Another_request_under_a_known_token_is_a_conflict()
    {
        var token = Token();
        await Created(token);

        var other = await Provider.Create(GoodRequest(token) with { Arguments = ["other"] }, default);

        Assert.Equal(FaultKind.Conflict, other.Fault?.Kind);
    }

    [Fact]
    public async Task What_cannot_be_started_is_invalid_and_leaves_nothing_behind()
    {
        var tag = Token();

        var refused = await Provider.Create(WithTag(BadRequest(Token()), tag), default);
        var elsewhere = await Provider.Create(WithTag(GoodRequest(Token()), tag) with { Region = "nowhere" }, default);

        Assert.Equal(FaultKind.Invalid, refused.Fault?.Kind);
        Assert.Equal(FaultKind.Invalid, elsewhere.Fault?.Kind);
        Assert.Empty((await Provider.ListByTag("test", tag, default)).Value);
    }

    [Fact]
    public async Task A_terminated_instance_is_gone_and_may_be_terminated_again()
    {
        var token = Token();
        var instance = await Created(token);

        var first = await Provider.Terminate(instance.Id, Grace, default);
        await Eventually.True(async () => await Seen(instance.Id) is null or { State: ProviderInstanceState.Stopped });
        var again = await Provider.Terminate(instance.Id, Grace, default);

        Assert.True(first.IsOk);
        Assert.True(again.IsOk);
        var late = await Provider.Create(GoodRequest(token), default);
        Assert.All(late.Value, seen => Assert.NotEqual(ProviderInstanceState.Running, seen.State));
    }

    [Fact]
    public async Task Instances_are_found_by_tag()
    {
        var tag = Token();
        var tagged = (await Provider.Create(WithTag(GoodRequest(Token()), tag), default)).Value[0];
        await Created(Token());

        await Eventually.True(async () => (await Provider.ListByTag("test", tag, default)).Value.Count > 0);
        var found = (await Provider.ListByTag("test", tag, default)).Value;

        Assert.Equal([tagged.Id], found.Select(instance => instance.Id));
        Assert.Equal(tag, found[0].Tags["test"]);
    }

    [Fact]
    public async Task Many_are_described_at_once()
    {
        var one = await Created(Token());
        var other = await Created(Token());

        await Eventually.True(async () => (await Provider.Describe([one.Id, other.Id], default)).Value.Count == 2);
        var described = (await Provider.Describe([one.Id, other.Id], default)).Value;

        Assert.Equal(new[] { one.Id, other.Id }.Order(), described.Select(instance => instance.Id).Order());
    }

    [Fact]
    public async Task What_an_instance_uses_is_told_and_grows_and_nothing_is_told_of_what_is_not_known()
    {
        Assert.Empty((await Provider.Usage(["not-there"], default)).Value);
        if (Provider.IsShared)
        {
            // Agents tell it, whom nobody asks.
            return;
        }

        var instance = await Created(Token());

        Work(instance.Id);
        await Eventually.True(async () => await Used(instance.Id) is { MemoryBytes: > 0, CpuSeconds: > 0 });
        var before = (await Used(instance.Id))!;
        Work(instance.Id);
        await Eventually.True(async () => (await Used(instance.Id))!.CpuSeconds > before.CpuSeconds);

        Assert.Equal(0, before.OutOfMemoryKills);
    }

    [Fact]
    public async Task Types_have_sizes_and_are_listed_cheapest_first()
    {
        var types = (await Provider.Types(Provider.Regions[0], default)).Value;

        Assert.NotEmpty(types);
        Assert.Equal(types.OrderBy(type => type.DollarsPerHour is null).ThenBy(type => type.DollarsPerHour), types);
        Assert.All(types, type => Assert.True(type is { CpuMillis: > 0, MemoryMiB: > 0 }));
        Assert.False((await Provider.Types("nowhere", default)).IsOk);
    }

    [Fact]
    public async Task What_an_instance_writes_can_be_read()
    {
        var instance = await Created(Token());

        await Eventually.True(async () => await Provider.Logs(instance.Id, 1, follow: false, default).CountAsync() == 1);
    }

    [Fact]
    public async Task Changes_of_an_instance_are_hinted()
    {
        if (!PushesChanges)
        {
            return;
        }

        using var enough = new CancellationTokenSource(Eventually.Deadline);
        var instance = await Created(Token());
        await using var changes = Provider.Changes(enough.Token).GetAsyncEnumerator();
        var next = changes.MoveNextAsync();

        await Provider.Terminate(instance.Id, Grace, default);

        Assert.True(await next);
        Assert.Equal(instance.Id, changes.Current);
    }

    protected static string Token() => Guid.NewGuid().ToString("N");

    protected static InstanceRequest WithTag(InstanceRequest request, string tag) =>
        request with { Tags = new Dictionary<string, string>(request.Tags) { ["test"] = tag } };

    protected async Task<ProviderInstance> Created(string token)
    {
        var outcome = await Provider.Create(GoodRequest(token), default);
        Assert.True(outcome.IsOk, outcome.Fault?.ToString());
        return outcome.Value[0];
    }

    private static string[] Ids(IEnumerable<ProviderInstance> instances) => [.. instances.Select(instance => instance.Id).Order()];

    private async Task<InstanceUsage?> Used(string id) => (await Provider.Usage([id, "not-there"], default)).Value.SingleOrDefault();

    protected async Task<ProviderInstance?> Seen(string id) => (await Provider.Describe([id], default)).Value.SingleOrDefault();
}
