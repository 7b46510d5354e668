using Fury.Hosting;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Secrets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Catalog.Tests.Secrets;

/// <summary>An application whose secrets this platform keeps: the real client of the real API.</summary>
public sealed class SecretSdkTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-kept-").FullName;

    public Task InitializeAsync() => catalog.StartHosted();

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task An_application_reads_what_people_have_set_and_hears_of_another_value()
    {
        var scope = await Scope("reads");
        await Set(scope, "DB_PASSWORD", "first-canary-é");
        using var host = await Start(scope);
        var vault = host.Services.GetRequiredService<IFury>().Secrets();

        var first = (await vault.GetAsync("DB_PASSWORD"))!;
        Assert.Equal(("1", "first-canary-é"), (first.Version, first.RevealText()));
        Assert.InRange(first.CreatedAt, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));
        Assert.Equal("Secret(DB_PASSWORD@1, hidden)", $"{first}");
        Assert.Null(await vault.GetAsync("ABSENT"));
        Assert.Null(await vault.GetAsync("db-password"));

        await Set(scope, "DB_PASSWORD", "second");
        await Set(scope, "API_KEY", "x");
        await using var versions = vault.WatchAsync("DB_PASSWORD").GetAsyncEnumerator();
        Assert.True(await versions.MoveNextAsync());
        Assert.Equal(("2", "second"), (versions.Current.Version, versions.Current.RevealText()));
        Assert.Null(await vault.GetAsync("DB_PASSWORD", "1"));
        Assert.NotNull(await vault.GetAsync("DB_PASSWORD", "2"));
        List<string> names = [];
        await foreach (var name in vault.ListNames())
        {
            names.Add(name);
        }

        Assert.Equal(["API_KEY", "DB_PASSWORD"], names);
        var refused = await Assert.ThrowsAsync<FuryException>(() => vault.AddVersionAsync("DB_PASSWORD", "third"u8.ToArray()));
        Assert.Equal(FuryErrorCode.CapabilityNotSupported, refused.Code);
    }

    [Fact]
    public async Task What_must_write_secrets_does_not_start_on_those_of_the_platform()
    {
        var scope = await Scope("writes");

        var refused = await Assert.ThrowsAsync<FuryException>(() => Start(scope, SecretCapabilities.Write));

        Assert.Equal(FuryErrorCode.CapabilityNotSupported, refused.Code);
    }

    private async Task<IHost> Start(ScopeRef scope, params Capability[] required)
    {
        var environment = new Dictionary<string, string>
        {
            ["FURY_PLATFORM"] = catalog.Client.BaseAddress!.GetLeftPart(UriPartial.Authority),
            ["FURY_WORKLOAD_TOKEN"] = catalog.Get<WorkloadIdentity>().TokenOf(scope),
            ["FURY_APPLICATION"] = scope.Application.Value,
            ["SCOPE"] = scope.Scope.Value,
            ["FURY_INSTANCE_ID"] = "one",
            ["FURY_BINDINGS_KEPT"] = Path.Combine(_folder, $"{scope.Application}.json"),
        };
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddFury(options => options.Variable = environment.GetValueOrDefault).AddSecrets().Require(required);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private async Task<ScopeRef> Scope(string application)
    {
        using var app = await catalog.Put($"applications/{application}", new { team = "core" });
        using var scope = await catalog.Put($"applications/{application}/scopes/production-web", new { compute = "standard" });
        using var service = await catalog.Put($"applications/{application}/services/secrets/app", new { });
        using var bound = await catalog.Put(
            $"applications/{application}/scopes/production-web/bindings/secrets/app", new { route = new { driver = "platform" } });
        Assert.True(bound.IsSuccessStatusCode);
        return ScopeRef.Parse($"{application}/production-web");
    }

    private async Task Set(ScopeRef scope, string name, string value)
    {
        using var set = await catalog.Put($"applications/{scope.Application}/scopes/{scope.Scope}/secrets/{name}", new { value });
        Assert.True(set.IsSuccessStatusCode);
    }
}
