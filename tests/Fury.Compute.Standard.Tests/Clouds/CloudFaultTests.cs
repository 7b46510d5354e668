using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Compute.Standard.Tests.Clouds;

/// <summary>
/// What clouds do to pools, over the real wire: in the end there are as many healthy replicas as are wanted, no instance more at any cloud, and after the pool
/// is retired none. Times are short here; those of the clouds are in the sagas' own tests, by their clock.
/// </summary>
public sealed class CloudFaultTests(CloudsHost host) : IClassFixture<CloudsHost>, IAsyncLifetime
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    private readonly PoolSpec _spec = Spec(12);

    private ICloudFaults[] Clouds => [host.Aws, host.Google];

    [Fact]
    public async Task A_pool_of_an_area_is_spread_over_clouds_and_zones_and_says_where_each_replica_is()
    {
        await host.Engine.Ensure(_spec, default);
        var pool = await Whole();

        Assert.Equal([6, 6], pool.Replicas.GroupBy(replica => replica.Group).Select(group => group.Count()));
        Assert.All((await host.Running(_spec.Id)).GroupBy(one => one.Zone), zone => Assert.Equal(2, zone.Count()));
        await Gone();
    }

    [Fact]
    public async Task Half_of_all_calls_are_refused_as_too_many()
    {
        All(cloud => cloud.ThrottleShare = 0.5);
        await host.Engine.Ensure(_spec, default);
        await Whole();
        await Gone();
    }

    [Fact]
    public async Task What_was_made_is_shown_late_and_answers_are_lost()
    {
        All(cloud => cloud.VisibleAfter = TimeSpan.FromSeconds(3));
        All(cloud => cloud.LoseAnswers(2));
        await host.Engine.Ensure(_spec, default);
        await Whole();
        await Gone();
    }

    [Fact]
    public async Task A_zone_has_no_instance_left_and_another_has_little()
    {
        host.Aws.Room("us-east-1a", 0);
        host.Aws.Room("us-east-1b", 1);
        host.Google.Room($"{CloudsHost.GoogleRegion}-b", 0);
        await host.Engine.Ensure(_spec, default);
        await Whole();

        Assert.DoesNotContain(await host.Running(_spec.Id), one => one.Zone is "us-east-1a" or $"{CloudsHost.GoogleRegion}-b");
        await Gone();
    }

    [Fact]
    public async Task Instances_die_while_they_start_and_others_never_get_healthy()
    {
        host.NewOnesAreSick = true;
        await host.Engine.Ensure(_spec, default);
        await Eventually.True(() => host.Sick.Count >= 4, because: "some are looked at and sick", deadline: Within);
        host.NewOnesAreSick = false;
        foreach (var one in (await host.Running(_spec.Id)).Take(3))
        {
            Cloud(one.Id).Kill(one.Id);
        }

        await Whole();
        await Gone();
    }

    [Fact]
    public async Task Both_clouds_are_away_for_a_while_and_credentials_end()
    {
        await host.Engine.Ensure(_spec, default);
        await Whole();
        All(cloud => cloud.IsDown = true);
        await host.Engine.Ensure(_spec with { Replicas = 20 }, default);
        await Eventually.True(
            async () => (await host.Engine.Describe(_spec.Id, default)).Value.Problem is not null, because: "the trouble is told", deadline: Within);
        Assert.Equal(12, (await host.Engine.Describe(_spec.Id, default)).Value.Ready);

        All(cloud => cloud.IsDown = false);
        All(cloud => cloud.ExpireCredentials());
        await Whole(20);
        await Gone();
    }

    [Fact]
    public async Task What_cannot_be_right_is_told_and_nothing_is_made()
    {
        var made = Clouds.Sum(cloud => cloud.Made);
        var elsewhere = await host.Engine.Ensure(_spec with { Location = new("aws", CloudsHost.GoogleRegion, "instances") }, default);
        await host.Engine.Ensure(_spec with { Release = _spec.Release with { Size = new(64_000, 524_288) } }, default);
        await Eventually.True(
            async () => (await host.Engine.Describe(_spec.Id, default)).Value.Problem is { Kind: FaultKind.Invalid },
            because: "no type is that large",
            deadline: Within);

        Assert.Equal(FaultKind.Invalid, elsewhere.Fault?.Kind);
        Assert.Contains("aws/us-east-1/instances", elsewhere.Fault!.Message, StringComparison.Ordinal);
        Assert.Equal(made, Clouds.Sum(cloud => cloud.Made));
        await Gone();
    }

    public Task InitializeAsync() => host.ForgetOutages();

    /// <summary>What happens to clouds ends with the test.</summary>
    public Task DisposeAsync()
    {
        All(cloud => (cloud.ThrottleShare, cloud.VisibleAfter, cloud.IsDown) = (0, TimeSpan.Zero, false));
        foreach (var zone in new[] { "us-east-1a", "us-east-1b" })
        {
            host.Aws.Room(zone, 1000);
        }

        host.Google.Room($"{CloudsHost.GoogleRegion}-b", 1000);
        host.NewOnesAreSick = false;
        return Task.CompletedTask;
    }

    private static PoolSpec Spec(int replicas)
    {
        var id = PoolId.New(TimeProvider.System);
        var artifact = new Artifact("https://artifacts.example/app.tar.gz", $"sha256:{new string('0', 64)}", "run", []);
        return new(
            id, Releases.Of(ScopeRef.Parse($"shop/test-{id.Value:N}"[..30]), 1, artifact), new("area", CloudsHost.Area, "instances"), replicas, 0, 50);
    }

    private void All(Action<ICloudFaults> happens)
    {
        foreach (var cloud in Clouds)
        {
            happens(cloud);
        }
    }

    private ICloudFaults Cloud(string id) => id.StartsWith("us-east-1", StringComparison.Ordinal) ? host.Aws : host.Google;

    /// <summary>As many are healthy as are wanted, and no instance more is there.</summary>
    private async Task<PoolState> Whole(int wanted = 12)
    {
        await Eventually.True(
            async () => (await host.Engine.Describe(_spec.Id, default)).Value.Ready == wanted, because: $"{wanted} are healthy", deadline: Within);
        Quiet();
        await Eventually.True(async () => (await host.Running(_spec.Id)).Count == wanted, because: "nothing more is there", deadline: Within);
        return (await host.Engine.Describe(_spec.Id, default)).Value;
    }

    private async Task Gone()
    {
        Quiet();
        await host.Engine.Retire(_spec.Id, default);
        await Eventually.True(async () => (await host.Running(_spec.Id)).Count == 0, because: "nothing is left", deadline: Within);
    }

    /// <summary>So that the clouds can be asked what they have.</summary>
    private void Quiet() => All(cloud => cloud.ThrottleShare = 0);
}
