using System.Net;
using System.Text.Json.Nodes;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Providers.Local;
using Fury.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Standard.Tests;

/// <summary>The engine over real processes of the sample, asked by real HTTP.</summary>
public sealed class LocalEngineTests(LocalStandardHost host) : IClassFixture<LocalStandardHost>
{
    [Fact]
    public async Task A_replica_is_a_process_that_answers_at_its_own_address_until_its_pool_is_retired()
    {
        var spec = Pool(replicas: 2);
        await host.Engine.Ensure(spec, default);
        var ready = await Until(spec.Id, pool => pool.Ready == 2);

        foreach (var replica in ready.Replicas)
        {
            var answer = JsonNode.Parse(await Get(replica))!;
            Assert.Equal("test-web", (string?)answer["scope"]);
            Assert.Equal("1.1.0", (string?)answer["version"]);
            Assert.Equal(replica.Id.ToString(), (string?)answer["instance"]);
        }

        await host.Engine.Retire(spec.Id, default);
        await Until(spec.Id, pool => pool.Phase == PoolPhase.Retired);
        await Assert.ThrowsAsync<HttpRequestException>(() => Get(ready.Replicas[0]));
    }

    [Fact]
    public async Task A_process_that_crashes_is_told_as_a_restart_and_is_ready_again()
    {
        var spec = Pool(environment: ("HELLO_CRASH_AFTER_REQUESTS", "1"));
        await host.Engine.Ensure(spec, default);
        var first = (await Until(spec.Id, pool => pool.Ready == 1)).Replicas[0];

        await Get(first);
        await Assert.ThrowsAsync<HttpRequestException>(() => Get(first));
        var recovered = await Until(spec.Id, pool => pool is { Ready: 1, Restarts: 1 });

        Assert.Equal((first.Id, first.Address), (recovered.Replicas[0].Id, recovered.Replicas[0].Address));
        await Eventually.True(() => host.News[spec.Id].Any(news => news.Replicas is [{ Phase: ReplicaPhase.Unready }]));
    }

    [Fact]
    public async Task A_process_that_is_never_healthy_is_never_ready_and_says_why()
    {
        var spec = Pool(environment: ("HELLO_UNHEALTHY", "1"));
        await host.Engine.Ensure(spec, default);

        var pool = await Until(spec.Id, pool => pool.Replicas is [{ Reason: { } reason }] && reason.Contains("503", StringComparison.Ordinal));
        await host.Engine.Retire(spec.Id, default);
        await Until(spec.Id, pool => pool.Phase == PoolPhase.Retired);

        Assert.Equal(ReplicaPhase.Starting, pool.Replicas[0].Phase);
        Assert.DoesNotContain(host.News[spec.Id], news => news.Ready > 0);
    }

    [Fact]
    public async Task An_artifact_that_is_no_executable_is_the_pools_problem()
    {
        var spec = Pool();
        spec = spec with { Release = spec.Release with { Artifact = spec.Release.Artifact with { Command = "hello.dll" } } };
        await host.Engine.Ensure(spec, default);

        var pool = await Until(spec.Id, pool => pool.Problem is not null);

        Assert.Equal(FaultKind.Invalid, pool.Problem!.Kind);
        Assert.Contains("hello.dll", pool.Problem.Message, StringComparison.Ordinal);
        await host.Engine.Retire(spec.Id, default);
    }

    [Fact]
    public async Task One_machine_can_be_several_locations()
    {
        var (here, north) = (Pool(), Pool() with { Location = new("local", "north", "instances") });
        await host.Engine.Ensure(here, default);
        await host.Engine.Ensure(north, default);

        var replicas = new[] { (await Until(here.Id, pool => pool.Ready == 1)).Replicas[0], (await Until(north.Id, pool => pool.Ready == 1)).Replicas[0] };
        var locations = await host.Engine.Locations(default);
        await host.Engine.Retire(here.Id, default);
        await host.Engine.Retire(north.Id, default);

        Assert.NotEqual(replicas[0].Address, replicas[1].Address);
        Assert.Equal(["local/north/instances", "local/this-machine/instances"], locations.Select(location => $"{location}"));
    }

    [Fact]
    public async Task What_a_process_uses_is_measured_and_one_that_is_replaced_makes_room_for_another()
    {
        var spec = Pool(replicas: 2);
        await host.Engine.Ensure(spec, default);
        var before = await Until(spec.Id, pool => pool.Ready == 2);

        var used = await host.Engine.Usage([spec.Id], default);
        await host.Engine.Replace(spec.Id, before.Replicas[0].Id, default);
        var after = await Until(spec.Id, pool => pool is { Ready: 2, Replicas.Count: 2 });
        await Assert.ThrowsAsync<HttpRequestException>(() => Get(before.Replicas[0]));
        await host.Engine.Retire(spec.Id, default);

        Assert.Equal(before.Replicas.Select(replica => replica.Id).ToHashSet(), used.Select(usage => usage.Replica).ToHashSet());
        Assert.All(used, usage => Assert.True(usage is { CpuSeconds: > 0, MemoryBytes: > 1 << 20 }, $"{usage}"));
        Assert.Equal([before.Replicas[1].Id], after.Replicas.Select(replica => replica.Id).Intersect(before.Replicas.Select(replica => replica.Id)));
    }

    private static async Task<string> Get(ReplicaState replica)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://{replica.Address}:{replica.Port}/"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private static PoolSpec Pool(int replicas = 1, params (string Name, string Value)[] environment) => new(
        PoolId.New(TimeProvider.System),
        Releases.Of(ScopeRef.Parse("shop/test-web"), 1, Hello()) with
        {
            Environment = environment.ToDictionary(variable => variable.Name, variable => variable.Value),
        },
        new("local", "this-machine", "instances"),
        replicas,
        Floor: 0,
        Ceiling: 5);

    private static Artifact Hello()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(root.FullName, "samples", "hello")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The sample is not above the tests.");
        }

        var configuration = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
        var folder = Path.Combine(root.FullName, "samples", "hello", "bin", configuration, "net10.0");
        return new(new Uri(folder).AbsoluteUri, $"sha256:{new string('0', 64)}", "hello", []);
    }

    private async Task<PoolState> Until(PoolId id, Func<PoolState, bool> right)
    {
        PoolState? seen = null;
        await Eventually.True(async () => right(seen = (await host.Engine.Describe(id, default)).Value), TimeSpan.FromSeconds(60));
        return seen!;
    }
}

/// <summary>The engine over the machine it runs on.</summary>
public sealed class LocalStandardHost : StandardHost, IAsyncLifetime
{
    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        await StartHosted();
    }

    protected override void Configure(IServiceCollection services)
    {
        services.AddLocalProvider(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Fury:Local:Regions:0"] = "this-machine",
            ["Fury:Local:Regions:1"] = "north",
        }).Build());
        Listen(services);
    }
}
