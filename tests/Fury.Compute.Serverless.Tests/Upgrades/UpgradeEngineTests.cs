using System.Text;
using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Registry;
using Fury.Compute.Serverless.Tests.Engine;
using Fury.Compute.Serverless.Upgrades;
using Fury.Kernel;
using Fury.Providers.Contracts;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Serverless.Tests.Upgrades;

/// <summary>Clusters that serve the API of Kubernetes: two that a cloud manages, and one of another shape that nobody does.</summary>
public sealed class UpgradeHost : ClustersHost
{
    public const string Cloud = "cloud";

    internal PlayedCloud Moves { get; } = new();

    protected override async Task StartClusters()
    {
        await Manage("first", Criticality.Low);
        await Manage("second", null);
        await Add("stays", "1.34", "east");
        await Add(new() { Name = "odd", Version = "1.33", Groups = ["cert-manager.io/v1"] }, "hand", "west");
    }

    protected override void Configure(IServiceCollection services)
    {
        base.Configure(services);
        services.AddSingleton<IClusterProvider>(Moves);
    }

    private async Task Manage(string name, Criticality? criticality)
    {
        var cluster = await LocalCluster.Cluster.Start(new() { Name = name, Version = "1.33", Tls = true, Token = PlayedCloud.Pass });
        Clusters[name] = cluster;
        Moves.Clusters[name] = cluster;
        var facts = new Clusters.Cluster(name, Cloud, "east", ["local-a", "local-b", "local-c"], criticality, [], [], 0, 0, ClusterQuota.Unlimited, "");
        await Get<ClusterStore>().Put(facts, new ClusterAccess("kubernetes", Space: Space, Managed: new(Cloud, "east", name)), default);
    }
}

/// <summary>A cloud that runs local clusters: its moves take two questions.</summary>
internal sealed class PlayedCloud : IClusterProvider
{
    public const string Pass = "the-pass-of-the-cloud";

    private readonly Dictionary<string, int> _asked = [];

    public Dictionary<string, LocalCluster.Cluster> Clusters { get; } = [];

    public List<string> Begun { get; } = [];

    public string Name => UpgradeHost.Cloud;

    public IReadOnlyList<string> Regions => ["east"];

    public Task<Outcome<ProviderCluster>> Describe(string region, string name, CancellationToken cancellation)
    {
        var cluster = Clusters[name];
        var authority = cluster.Kubeconfig.Split('\n').First(line => line.Contains("certificate-authority-data", StringComparison.Ordinal)).Split(": ")[1];
        return Task.FromResult<Outcome<ProviderCluster>>(new ProviderCluster(
            region, name, "1.33", ProviderClusterState.Running, cluster.Address, Encoding.UTF8.GetString(Convert.FromBase64String(authority.Trim()))));
    }

    public Task<Outcome<string>> Upgrade(string region, string name, string version, CancellationToken cancellation)
    {
        Begun.Add($"{name} to {version}");
        return Task.FromResult<Outcome<string>>($"{name}/{version}");
    }

    public async Task<Outcome<ClusterUpgrade>> Upgrading(string id, CancellationToken cancellation)
    {
        var asked = _asked[id] = _asked.GetValueOrDefault(id) + 1;
        if (asked == 2)
        {
            await Clusters[id.Split('/')[0]].Upgrade(id.Split('/')[1]);
        }

        return new ClusterUpgrade(id, asked < 2 ? ClusterUpgradeState.Running : ClusterUpgradeState.Done, null);
    }

    public Task<Outcome<ClusterToken>> Token(string region, string name, CancellationToken cancellation) =>
        Task.FromResult<Outcome<ClusterToken>>(new ClusterToken(Pass, DateTimeOffset.MaxValue));
}

/// <summary>An upgrade through the engine as it runs in the host: real wire, real database, a pool that is served all the time.</summary>
public sealed class UpgradeEngineTests(UpgradeHost host) : IClassFixture<UpgradeHost>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private UpgradeDesk Desk => host.Get<UpgradeDesk>();

    [Fact]
    public async Task Clusters_are_emptied_moved_by_their_cloud_or_by_hand_and_given_back_and_what_is_odd_waits_for_an_approval()
    {
        var engine = host.Get<IComputeEngine>();
        var pool = new PoolSpec(
            new(Guid.CreateVersion7()),
            ServerlessComputeTests.Release(ScopeRef.Parse("shop/production-web"), 1, new(100, 64)),
            new(UpgradeHost.Cloud, "east", "clusters"),
            Replicas: 4,
            Floor: 0,
            Ceiling: 10);
        await engine.Ensure(pool, default);
        await Eventually.True(async () => (await engine.Describe(pool.Id, default)).Value.Ready == 4, Patience);

        var request = new UpgradeRequest("to-34", "ann", "1.34", ["odd", "second", "stays", "first"], SoakSeconds: 0, MaxConcurrent: 5);
        var begun = (await Desk.Start(request, default)).Value.Upgrade;
        Assert.Equal(["first 0", "second 1", "odd 2", "stays 0"], begun.Targets.Select(target => $"{target.Cluster} {target.Wave}"));
        Assert.False((await Desk.Start(request, default)).Value.IsNew);

        // The odd one waits, whatever the others do, and says what sets it apart.
        var blocked = await Until(begun.Id, one => Of(one, "odd").Difference is not null);
        Assert.Contains("has api cert-manager.io/v1", Of(blocked, "odd").Difference!);
        Assert.True((await Desk.Ask(begun.Id, "odd", TargetCommand.Approve, "bob", "rehearsed", default)).IsOk);

        // Nobody manages it: it is emptied, and then its turn is told to people.
        await Until(begun.Id, one => Of(one, "odd").Reason?.StartsWith("It is its turn", StringComparison.Ordinal) == true);
        await host.Clusters["odd"].Upgrade("1.34");

        var done = await Until(begun.Id, one => one.EndedAt is not null);
        Assert.Equal(
            ["first Done", "odd Done", "second Done", "stays Skipped"],
            done.Targets.Select(target => $"{target.Cluster} {target.State}").Order(StringComparer.Ordinal));
        Assert.Equal(["first to 1.34", "second to 1.34"], host.Moves.Begun);
        Assert.All(await host.Get<ClusterStore>().List(default), one => Assert.Equal(ClusterPhase.Active, one.Cluster.Phase));
        Assert.Equal((1, 34), Of((await host.Get<IClusterApi>().Version(ClusterName.Parse("second"), default)).Value));
        Assert.Equal(4, (await engine.Describe(pool.Id, default)).Value.Ready);
        Assert.Equal(done.Id, (await Desk.Start(request, default)).Value.Upgrade.Id);
        Assert.Equal(2, (await host.Get<IUpgradeStore>().Proven(new(1, 34), default)).Count);
    }

    [Theory]
    [InlineData("", "ann", "1.34", null, "name")]
    [InlineData("to-35", "", "1.34", null, "by")]
    [InlineData("to-35", "ann", "latest", null, "version")]
    [InlineData("to-35", "ann", "1.36", "odd", "clusters[0]")]
    [InlineData("to-35", "ann", "1.40", null, "version")]
    [InlineData("to-35", "ann", "1.34", "no-such", "clusters[0]")]
    public async Task What_can_not_be_done_names_the_field_and_begins_nothing(string name, string by, string version, string? cluster, string field)
    {
        var before = (await Desk.List(null, 100, default)).Count;
        var refused = await Desk.Start(new(name, by, version, cluster is null ? null : [cluster]), default);

        Assert.Equal(field, refused.Fault?.Fields[0].Field);
        Assert.Equal(before, (await Desk.List(null, 100, default)).Count);
    }

    private async Task<Upgrade> Until(Guid id, Func<Upgrade, bool> isSo)
    {
        Upgrade? last = null;
        await Eventually.True(async () => isSo(last = (await Desk.Find(id, default)).Value), Patience);
        return last!;
    }

    private static Target Of(Upgrade upgrade, string cluster) => upgrade.Targets.First(target => target.Cluster == cluster);

    private static (int Major, int Minor) Of(ClusterVersion version) => (version.Major, version.Minor);
}
