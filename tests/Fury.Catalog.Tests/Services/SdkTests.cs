using System.Text;
using System.Text.Json;
using Fury.Catalog.Bindings;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.KeyValue;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit.Abstractions;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Catalog.Tests.Services;

/// <summary>Applications with the SDK, whose services this platform binds: the real client of the real API.</summary>
public sealed class SdkTests(CatalogFixture catalog, RedisServer redis, ITestOutputHelper output)
    : IClassFixture<CatalogFixture>, IClassFixture<RedisServer>, IAsyncLifetime
{
    private static readonly ServiceName Carts = ServiceName.Parse("carts");

    private readonly string _folder = Directory.CreateTempSubdirectory("fury-kept-").FullName;

    public Task InitializeAsync() => catalog.StartHosted();

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Twenty_switches_reach_every_instance_and_no_call_fails()
    {
        var scope = await Scope("busy");
        await Bind(scope, InMemory);
        using var one = await Start(scope, "one");
        using var two = await Start(scope, "two");
        using var stop = new CancellationTokenSource();
        var begun = TimeProvider.System.GetTimestamp();
        var load = Task.WhenAll(
            from host in new[] { one, two }
            from caller in Enumerable.Range(0, 8)
            select Task.Run(() => Call(CartsOf(host), caller, stop.Token)));

        for (var epoch = 2; epoch <= 21; epoch++)
        {
            await InForce(scope, epoch - 1, 2);
            await Bind(scope, epoch % 2 == 0 ? InRedis() : InMemory);
        }

        await InForce(scope, 21, 2);
        await stop.CancelAsync();

        // A call that fails ends its caller, and with it the test.
        var (calls, seconds) = ((await load).Sum(), TimeProvider.System.GetElapsedTime(begun).TotalSeconds);
        output.WriteLine($"20 switches under {calls / seconds:N0} calls/s: {calls} calls in {seconds:0.0} s, 0 failed");
        Assert.True(calls > 1000, $"{calls} calls");
        Assert.Equal((21, 21), (CartsOf(one).Binding.Epoch, CartsOf(two).Binding.Epoch));
        await one.StopAsync();
        await InForce(scope, 21, 1);
    }

    [Fact]
    public async Task What_an_instance_cannot_use_it_refuses_with_its_reason_and_takes_when_it_can()
    {
        var scope = await Scope("choosy");
        await Bind(scope, InMemory);
        using var host = await Start(scope, "one");
        await CartsOf(host).SetAsync("a", new byte[1]);
        await InForce(scope, 1, 1);

        await Bind(scope, new("redis", "direct", "redis://127.0.0.1:1", "local", "carts", null));
        await Eventually.True(async () => (await Status(scope)).Behind is [{ Instance: "one", Epoch: 1, Refused: { } why }] && why.Length > 0);
        Assert.NotNull(await CartsOf(host).GetAsync("a"));

        await Bind(scope, InRedis());
        await InForce(scope, 3, 1);
    }

    [Fact]
    public async Task Without_the_platform_an_instance_starts_with_what_was_in_force_and_not_with_what_was_changed()
    {
        var scope = await Scope("alone");
        await Bind(scope, InRedis());
        using (var host = await Start(scope, "one"))
        {
            await CartsOf(host).SetAsync("a", "kept"u8.ToArray());
            await Eventually.True(() => File.Exists(Kept(scope)));
        }

        var nobody = new Uri("http://127.0.0.1:1");
        using (var host = await Start(scope, "two", nobody))
        {
            Assert.Equal("kept"u8.ToArray(), (await CartsOf(host).GetAsync("a"))!.Value.ToArray());
        }

        var text = await File.ReadAllTextAsync(Kept(scope));
        Assert.DoesNotContain(catalog.Get<WorkloadIdentity>().TokenOf(scope), text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Kept(scope), text.Replace("redis://", "redis://10.", StringComparison.Ordinal));
        Assert.Equal(FuryErrorCode.NotBound, (await Assert.ThrowsAsync<FuryException>(() => Start(scope, "three", nobody))).Code);

        // And the platform's own word is taken again.
        using var back = await Start(scope, "four");
        Assert.NotNull(await CartsOf(back).GetAsync("a"));
    }

    [Fact]
    public async Task An_instance_whose_service_is_not_bound_does_not_start_and_says_what_to_do()
    {
        var scope = await Scope("unbound");

        var error = await Assert.ThrowsAsync<FuryException>(() => Start(scope, "one"));

        Assert.Equal(FuryErrorCode.NotBound, error.Code);
        Assert.Equal("Nothing is bound in unbound/production-web to carts (key-value). Bind it: fury service bind.", error.Message);
    }

    [Fact]
    public void A_binding_of_another_scope_or_changed_on_its_way_is_told_from_one_that_is_meant()
    {
        var identity = catalog.Get<WorkloadIdentity>();
        var (mine, others) = (ScopeRef.Parse("mine/production-web"), ScopeRef.Parse("others/production-web"));
        var meant = SealedBinding.Of(new(mine, ServiceKind.KeyValue, Carts, 1, InMemory, "", "", default), identity.TokenOf(mine));

        Assert.Equal(meant.Seal, WorkloadIdentity.Seal(identity.TokenOf(mine), Encoding.UTF8.GetBytes(meant.Document)));
        Assert.NotEqual(meant.Seal, WorkloadIdentity.Seal(identity.TokenOf(others), Encoding.UTF8.GetBytes(meant.Document)));
        Assert.NotEqual(meant.Seal, WorkloadIdentity.Seal(identity.TokenOf(mine), Encoding.UTF8.GetBytes(meant.Document + " ")));
        Assert.Equal("mine", JsonDocument.Parse(meant.Document).RootElement.GetProperty("application").GetString());
    }

    private static ServiceRoute InMemory { get; } = new("local", "local", null, "local", "carts", null);

    private ServiceRoute InRedis() => new("redis", "direct", redis.Endpoint.ToString(), "local", "carts", null);

    private static KeyValueStore CartsOf(IHost host) => host.Services.GetRequiredService<IFury>().KeyValue("carts");

    private static async Task<int> Call(KeyValueStore carts, int caller, CancellationToken stop)
    {
        var calls = 0;
        for (; !stop.IsCancellationRequested; calls += 2)
        {
            await carts.SetAsync($"{caller}/{calls % 100}", BitConverter.GetBytes(calls), cancellationToken: CancellationToken.None);
            await carts.GetAsync($"{caller}/{calls % 100}", cancellationToken: CancellationToken.None);

            // Calls in memory never wait, and would leave the pool of threads to nobody else.
            await Task.Delay(1, CancellationToken.None);
        }

        return calls;
    }

    private string Kept(ScopeRef scope) => Path.Combine(_folder, $"{scope.Application}.json");

    private async Task<IHost> Start(ScopeRef scope, string instance, Uri? platform = null)
    {
        var environment = new Dictionary<string, string>
        {
            ["FURY_PLATFORM"] = (platform ?? catalog.Client.BaseAddress!).GetLeftPart(UriPartial.Authority),
            ["FURY_WORKLOAD_TOKEN"] = catalog.Get<WorkloadIdentity>().TokenOf(scope),
            ["FURY_APPLICATION"] = scope.Application.Value,
            ["SCOPE"] = scope.Scope.Value,
            ["FURY_INSTANCE_ID"] = instance,
            ["FURY_BINDINGS_KEPT"] = Kept(scope),
        };
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddFury(options =>
        {
            options.Variable = environment.GetValueOrDefault;
            options.StartTimeout = platform is null ? TimeSpan.FromSeconds(20) : TimeSpan.FromSeconds(2);
        }).AddKeyValue("carts");
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private async Task<ScopeRef> Scope(string application)
    {
        using var app = await catalog.Put($"applications/{application}", new { team = "core" });
        using var scope = await catalog.Put($"applications/{application}/scopes/production-web", new { compute = "standard" });
        using var service = await catalog.Put($"applications/{application}/services/key-value/carts", new { });
        return ScopeRef.Parse($"{application}/production-web");
    }

    private async Task Bind(ScopeRef scope, ServiceRoute route)
    {
        var wish = new BindingWish(new(scope, ServiceKind.KeyValue, Carts), route, "", "me", EvenIfBehind: false);
        Assert.True((await catalog.Get<BindingStore>().Put(wish, TimeProvider.System.GetUtcNow(), default)).Value.Created);
    }

    private async Task<BindingStatus> Status(ScopeRef scope) =>
        await catalog.Get<HolderStore>().Status((await catalog.Get<BindingStore>().All(scope, default)).Value.Bindings.Single(), default);

    private Task InForce(ScopeRef scope, long epoch, int instances) => Eventually.True(
        async () => await Status(scope) is var status && (status.Binding.Epoch, status.InForce, status.Behind.Count) == (epoch, instances, 0));
}
