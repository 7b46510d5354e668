using System.Net;
using System.Net.Http.Json;
using Fury.Access.Contracts;
using Fury.Catalog;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Local;
using Fury.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Services.Tests.Attesting;

/// <summary>From a wish to probe to what an application's instance goes by: the real API, the real client, a real Redis.</summary>
public sealed class AttestationTests(RedisServer redis) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private const string Carts = "key-value/carts";
    private readonly LyingDatabase _database = new();
    private readonly WebApplication _server = Server();
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-attested-").FullName;
    private HttpClient Client { get; set; } = new();

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _server.Services.GetRequiredService<Shared>().Database = _database;
        _server.MapControllers();
        await _server.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(new Uri(_server.Urls.Single()), "api/v1/") };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_a_probe_of_Redis_has_shown_comes_to_the_instance_with_the_binding()
    {
        var scope = await Scope("honest");
        var route = new { driver = "redis", endpoint = redis.Endpoint, resource = "carts" };

        var attested = await Attest(scope, new { route });
        await Bind(scope, route);
        using var host = await Start(scope);

        Assert.Contains("kv.cas", attested.Shown);
        Assert.Empty(attested.Refuted);
        var carts = host.Services.GetRequiredService<IFury>().KeyValue("carts");
        Assert.Equal(attested.At, carts.Capabilities.AttestedAt!.Value, TimeSpan.FromMilliseconds(1));
        Assert.True(carts.Capabilities.Has(KeyValueCapabilities.Cas));

        // What is bound is probed without a word of the route, and what was shown of another route is not taken for it.
        Assert.Equal(attested.Fingerprint, (await Attest(scope, new { })).Fingerprint);
        Assert.NotEqual(attested.Fingerprint, (await Attest(scope, new { route = new { route.driver, route.endpoint, resource = "others" } })).Fingerprint);
        var known = await Client.GetFromJsonAsync<List<Attestation>>($"{Place(scope)}/attestations", FuryJson.Options);
        Assert.Equal(2, known!.Count);
    }

    [Fact]
    public async Task An_instance_that_requires_what_the_resource_has_not_done_refuses_it_and_says_so()
    {
        var scope = await Scope("lying");
        var route = new { driver = LyingDatabase.Driver };

        var attested = await Attest(scope, new { route });
        await Bind(scope, route);
        var refusal = await Assert.ThrowsAsync<FuryException>(() => Start(scope));

        Assert.Equal(["kv.cas"], attested.Refuted);
        Assert.Contains("'carts' requires kv.cas, which 'lying' was not attested to have.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_probed_is_said_with_its_reason()
    {
        var scope = await Scope("away");
        async Task<(HttpStatusCode, string)> Ask(object wish)
        {
            using var answer = await Client.PostAsJsonAsync($"{Place(scope)}/attestations/{Carts}", wish, FuryJson.Options);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal(HttpStatusCode.NotFound, (await Ask(new { })).Item1);
        var (local, said) = await Ask(new { route = new { driver = "local" } });
        Assert.Equal(HttpStatusCode.BadRequest, local);
        Assert.Contains("redis", said, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Ask(new { route = new { driver = "redis", endpoint = "redis://127.0.0.1:1" } })).Item1);
        var (secret, words) = await Ask(new { route = new { driver = "redis", endpoint = "redis://ana:canary@127.0.0.1:1" } });
        Assert.Equal(HttpStatusCode.BadRequest, secret);
        Assert.DoesNotContain("canary", words, StringComparison.Ordinal);
    }

    private static string Place(ScopeRef scope) => $"applications/{scope.Application}/scopes/{scope.Scope}";

    private async Task<ScopeRef> Scope(string application)
    {
        await Put($"applications/{application}", new { team = "core" });
        await Put($"applications/{application}/scopes/production-web", new { compute = "standard" });
        await Put($"applications/{application}/services/{Carts}", new { });
        return ScopeRef.Parse($"{application}/production-web");
    }

    private Task Bind(ScopeRef scope, object route) => Put($"{Place(scope)}/bindings/{Carts}", new { route });

    private async Task Put(string path, object body)
    {
        using var answer = await Client.PutAsJsonAsync(path, body, FuryJson.Options);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<Attestation> Attest(ScopeRef scope, object wish)
    {
        using var answer = await Client.PostAsJsonAsync($"{Place(scope)}/attestations/{Carts}", wish, FuryJson.Options);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<Attestation>(FuryJson.Options))!;
    }

    private async Task<IHost> Start(ScopeRef scope)
    {
        var environment = new Dictionary<string, string>
        {
            ["FURY_PLATFORM"] = Client.BaseAddress!.GetLeftPart(UriPartial.Authority),
            ["FURY_WORKLOAD_TOKEN"] = _database.Get<WorkloadIdentity>().TokenOf(scope),
            ["FURY_APPLICATION"] = scope.Application.Value,
            ["SCOPE"] = scope.Scope.Value,
            ["FURY_INSTANCE_ID"] = "one",
            ["FURY_BINDINGS_KEPT"] = Path.Combine(_folder, $"{scope.Application}.json"),
        };
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(LyingDatabase.Factory);
        builder.AddFury(options => options.Variable = environment.GetValueOrDefault).AddKeyValue("carts").Require(KeyValueCapabilities.Cas);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>The catalog's controllers, over the services of the fixture.</summary>
    private static WebApplication Server()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddModuleControllers([new CatalogModule()]);
        var shared = new Shared();
        builder.Services.AddSingleton(shared);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IAccess>(new OpenAccess());
        foreach (var type in Shared.Types)
        {
            builder.Services.AddSingleton(type, _ => shared.Database!.Services.GetRequiredService(type));
        }

        return builder.Build();
    }

    private sealed class Shared
    {
        public static Type[] Types { get; } =
        [
            typeof(Catalog.Applications.ApplicationStore), typeof(Catalog.Applications.ApplicationList), typeof(Catalog.Scopes.ScopeStore),
            typeof(Catalog.Services.ServiceStore), typeof(Catalog.Bindings.BindingStore), typeof(Catalog.Bindings.BindingNews),
            typeof(Catalog.Bindings.HolderStore), typeof(Catalog.Bindings.HolderInbox), typeof(WorkloadIdentity), typeof(AgentKey), typeof(IAttester),
        ];

        public LyingDatabase? Database { get; set; }
    }

    /// <summary>Both rooms, and one driver more.</summary>
    private sealed class LyingDatabase() : TestDatabase([new CatalogModule(), new ServicesModule()])
    {
        public const string Driver = "lying";

        private static readonly LocalProvider Memory = new(TimeProvider.System);

        public static IDriverFactory Factory { get; } = new DriverFactory(Sdk.ServiceKind.KeyValue, Driver, async (context, cancellation) => new LyingStore(
            (IKeyValueDriver)await Memory.Factories.Single(each => each.Kind == Sdk.ServiceKind.KeyValue).OpenAsync(context, cancellation),
            Lie.IgnoresAbsent));

        protected override void Configure(IServiceCollection services) => services.AddSingleton(Factory);
    }
}
