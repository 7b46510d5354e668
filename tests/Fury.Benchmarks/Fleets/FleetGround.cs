using System.Text.Json;
using Dapper;
using Fury.Benchmarks.Monster;
using Fury.Catalog;
using Fury.ClusterApi;
using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Registry;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Mesh;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Benchmarks.Fleets;

/// <summary>
/// A fleet that has been there for long: its clusters, its pools on record and in the clusters, its routes. What led there, 30,000 deployments, is
/// not what is measured, so pools and routes are put on record directly; what is in the clusters was asked of them as the engine asks.
/// </summary>
internal sealed class FleetGround : IAsyncDisposable
{
    public const int Scopes = 30_000;
    public const int Pods = 130_000;
    public const int Clusters = 100;

    /// <summary>One proxy may depend on no more scopes.</summary>
    public const int ScopesPerCaller = 1000;

    private const int NodesPerCluster = 15;
    /// <summary>As kubelets do; their sign of life is another object.</summary>
    private static readonly TimeSpan NodeStatusPeriod = TimeSpan.FromMinutes(5);

    private const int AppliesAtOnce = 16;
    private const string Provider = "bench";

    private static readonly string[] Versions = ["1.22", "1.25", "1.34"];
    private static readonly string[] Zones = ["local-a", "local-b", "local-c"];

    private readonly List<LocalCluster.Cluster> _clusters = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fury-bench-fleet-");

    private readonly Dictionary<PoolId, (LocalCluster.Cluster Cluster, (string Namespace, string Name) Pod)> _pods = [];

    public IReadOnlyList<LocalCluster.Cluster> All => _clusters;

    /// <summary>In the order of their scopes.</summary>
    public IReadOnlyList<Pool> Pools { get; private set; } = [];

    /// <summary>Whose proxies follow a part of the scopes each.</summary>
    public static ScopeRef Caller(int number) => ScopeRef.Parse($"bench/production-caller{number}");

    public static ScopeRef Scope(int number) => ScopeRef.Parse($"app-{number / 10}x/production-s{number}");

    public static async Task<FleetGround> Build(Database database, CancellationToken stop)
    {
        var ground = new FleetGround();
        for (var number = 0; number < Clusters; number++)
        {
            ground._clusters.Add(await LocalCluster.Cluster.Start(new()
            {
                Name = NameOf(number),
                Version = Versions[number % Versions.Length],
                Nodes = NodesPerCluster,
                NodeCpu = "64",
                NodeMemory = "256Gi",
                HeartbeatInterval = NodeStatusPeriod,
                NodeLostAfter = 4 * NodeStatusPeriod,
            }));
        }

        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ConnectionStrings:Fury", database.ConnectionString), new("Fury:DataFolder", ground._folder.FullName)])
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(settings);
        services.AddFuryHosting(settings, [new CatalogModule(), new LittleMonsterModule(), new ClusterApiModule(), new ServerlessModule(), new MeshModule()]);
        await using var provider = services.BuildServiceProvider();
        await provider.GetServices<IHostedService>().First().StartAsync(stop); // The database is the first to start, and all that is needed here.

        await ground.Register(provider, stop);
        ground.Pools = [.. Enumerable.Range(0, Scopes).Select(PoolOf)];
        await Record(provider.GetRequiredService<IDatabase>(), ground.Pools, stop);
        await Fill(provider.GetRequiredService<IClusterApi>(), ground.Pools, stop);
        await ground.Find(stop);
        return ground;
    }

    /// <summary>One of the pool's pods.</summary>
    public (LocalCluster.Cluster Cluster, (string Namespace, string Name) Pod) PodOf(Pool pool) => _pods[pool.Spec.Id];

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _clusters)
        {
            await cluster.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private async Task Register(ServiceProvider provider, CancellationToken stop)
    {
        var store = provider.GetRequiredService<ClusterStore>();
        var clusters = provider.GetRequiredService<IClusterApi>();
        foreach (var (number, cluster) in _clusters.Index())
        {
            var file = Path.Combine(_folder.FullName, NameOf(number));
            await File.WriteAllTextAsync(file, cluster.Kubeconfig, stop);
            var access = new ClusterAccess("kubernetes", File: file);
            var facts = new Compute.Serverless.Clusters.Cluster(
                NameOf(number), Provider, "here", Zones, null, [], [], 0, 0, ClusterQuota.Unlimited, Versions[number % Versions.Length]);
            await store.Put(facts, access, stop);
            await clusters.Connect(ClusterName.Parse(NameOf(number)), access, stop);
        }
    }

    /// <summary>All replicas of a pool are in one cluster; its neighbours are in others.</summary>
    private static Pool PoolOf(int number)
    {
        var replicas = (Pods / Scopes) + (number < Pods % Scopes ? 1 : 0);
        var scope = Scope(number);
        var artifact = new Artifact($"oci://registry.test/{scope.Application}@sha256:{new string('a', 64)}", $"sha256:{new string('a', 64)}", "", []);
        var release = new ReleaseSpec(
            ReleaseId.Parse($"{number:x16}"), scope, VersionName.Parse("1.0.0"), artifact, new Dictionary<string, string>(), new(100, 64), "/health");
        var spec = new PoolSpec(
            PoolId.From(new Guid(number, 1, 1, [0, 0, 0, 0, 0, 0, 0, 1])), release, new(Provider, "here", "clusters"), replicas, replicas, replicas);
        var share = new Share(NameOf(number % Clusters), new Dictionary<string, int> { [Zones[0]] = replicas }, 1);
        return Pool.New(spec) with { Placed = 1, Revision = 1, Shares = [share] };
    }

    private static async Task Record(IDatabase database, IReadOnlyList<Pool> pools, CancellationToken stop)
    {
        await using var connection = await database.Source.OpenConnectionAsync(stop);
        await connection.ExecuteAsync(
            """
            insert into serverless.pool (id, scope, spec, phase, revision, wish, placed, shares, replicas, settled)
            select id, scope, spec::jsonb, 'active', 1, 1, 1, shares::jsonb, '[]', true
              from unnest(@ids, @scopes, @specs, @shares) as new (id, scope, spec, shares);

            insert into mesh.pool (id, scope, location, pool_revision, revision, endpoints)
            select id, scope, 'bench/here/clusters', 1, 1, '[]' from unnest(@ids, @scopes) as new (id, scope);

            insert into mesh.routing_table (scope, revision, pools, fence)
            select scope, 1, jsonb_build_array(jsonb_build_object('pool', id, 'weight', 100)), 1 from unnest(@ids, @scopes) as new (id, scope);

            insert into mesh.dependency (scope, revision, declared)
            select caller, 1, array_agg(scope) from unnest(@callers, @scopes) as new (caller, scope) group by caller;

            update mesh.revision set value = 1;
            analyze;
            """,
            new
            {
                ids = pools.Select(pool => pool.Spec.Id.Value).ToArray(),
                scopes = pools.Select(pool => $"{pool.Spec.Release.Scope}").ToArray(),
                specs = pools.Select(pool => JsonSerializer.Serialize(pool.Spec, FuryJson.Options)).ToArray(),
                shares = pools.Select(pool => JsonSerializer.Serialize(pool.Shares, FuryJson.Options)).ToArray(),
                callers = pools.Select((_, number) => $"{Caller(number / ScopesPerCaller)}").ToArray(),
            });
    }

    private static Task Fill(IClusterApi clusters, IReadOnlyList<Pool> pools, CancellationToken stop) => Parallel.ForEachAsync(
        pools,
        new ParallelOptions { MaxDegreeOfParallelism = AppliesAtOnce, CancellationToken = stop },
        async (pool, cancellation) =>
        {
            var share = pool.Shares[0];
            var applied = await clusters.Apply(ClusterName.Parse(share.Cluster), Workloads.Of(pool, share, WorkloadIdentity.None), cancellation);
            if (!applied.IsOk)
            {
                throw new InvalidOperationException($"Cluster {share.Cluster} refuses a pool: {applied.Fault}");
            }
        });

    /// <summary>Waits until the clusters have made all pods, and notes one of each pool; their names carry its id.</summary>
    private async Task Find(CancellationToken stop)
    {
        while (_clusters.Sum(cluster => cluster.Pods.Count) < Pods)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), stop);
        }

        foreach (var cluster in _clusters)
        {
            foreach (var pod in cluster.Pods)
            {
                _pods[PoolId.From(Guid.Parse(pod.Name[(pod.Name.IndexOf('-') + 1)..pod.Name.LastIndexOf('-')]))] = (cluster, pod);
            }
        }
    }

    private static string NameOf(int number) => $"cluster-{number:000}";
}
