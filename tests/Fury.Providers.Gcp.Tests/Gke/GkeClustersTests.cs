using Fury.Kernel;
using Fury.Providers.Contracts;
using Fury.Testing;
using Fury.Testing.Clouds.Gcp;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Providers.Gcp.Tests.Gke;

public sealed class GkeClustersTests : IAsyncLifetime
{
    private const string Region = "europe-west1";
    private FakeGoogle _google = null!;
    private ServiceProvider _services = null!;

    private IClusterProvider Clusters => _services.GetRequiredService<IClusterProvider>();

    public async Task InitializeAsync()
    {
        _google = await FakeGoogle.Start();
        _google.AddCluster(Region, "blue", "1.33.5-gke.200");
        _google.AddCluster("europe-west1-b", "green", "1.32.9-gke.100");
        _services = GcpUnderTest.Services(GcpUnderTest.Settings(_google));
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _google.DisposeAsync();
    }

    [Fact]
    public async Task A_cluster_of_a_region_and_one_of_a_zone_are_described()
    {
        var blue = (await Clusters.Describe(Region, "blue", default)).Value;
        var green = (await Clusters.Describe(Region, "europe-west1-b/green", default)).Value;

        Assert.Equal(("1.33.5-gke.200", ProviderClusterState.Running, new Uri("https://127.0.0.1")), (blue.Version, blue.State, blue.Endpoint));
        Assert.StartsWith("-----BEGIN", blue.Authorities, StringComparison.Ordinal);
        Assert.Equal(("europe-west1-b/green", "1.32.9-gke.100"), (green.Name, green.Version));
    }

    [Fact]
    public async Task An_upgrade_is_followed_to_its_end_and_asked_for_again_on_the_way_is_the_same()
    {
        _google.HoldsUpgrades = true;
        var id = (await Clusters.Upgrade(Region, "blue", "1.34", default)).Value;
        var again = await Clusters.Upgrade(Region, "blue", "1.34", default);
        var other = await Clusters.Upgrade(Region, "blue", "1.34.1-gke.300", default);

        Assert.Equal(id, again.Value);
        Assert.Equal(FaultKind.Conflict, other.Fault?.Kind);
        Assert.Equal(ProviderClusterState.Updating, (await Clusters.Describe(Region, "blue", default)).Value.State);
        _google.HoldsUpgrades = false;
        await Eventually.True(async () => (await Clusters.Upgrading(id, default)).Value.State == ClusterUpgradeState.Done);
        Assert.Equal("1.34.1-gke.300", (await Clusters.Describe(Region, "blue", default)).Value.Version);
        Assert.Equal(FaultKind.Conflict, (await Clusters.Upgrade(Region, "blue", "1.34", default)).Fault?.Kind);
    }

    [Fact]
    public async Task An_upgrade_whose_answer_was_lost_is_found_again()
    {
        _google.HoldsUpgrades = true;
        _google.LoseAnswers(1);

        var id = await Clusters.Upgrade(Region, "europe-west1-b/green", "1.33", default);

        Assert.True(id.IsOk, id.Fault?.ToString());
        _google.HoldsUpgrades = false;
        await Eventually.True(async () => (await Clusters.Upgrading(id.Value, default)).Value.State == ClusterUpgradeState.Done);
    }

    [Fact]
    public async Task An_upgrade_that_fails_says_why()
    {
        _google.FailNextUpgrade("Health checks of the control plane failed.");

        var id = (await Clusters.Upgrade(Region, "blue", "1.34", default)).Value;

        await Eventually.True(async () => (await Clusters.Upgrading(id, default)).Value.State == ClusterUpgradeState.Failed);
        Assert.Contains("Health checks", (await Clusters.Upgrading(id, default)).Value.Reason, StringComparison.Ordinal);
        Assert.Equal("1.33.5-gke.200", (await Clusters.Describe(Region, "blue", default)).Value.Version);
    }

    [Fact]
    public async Task What_gke_refuses_is_typed()
    {
        Assert.Equal(FaultKind.NotFound, (await Clusters.Describe(Region, "red", default)).Fault?.Kind);
        Assert.Equal(FaultKind.Invalid, (await Clusters.Describe("nowhere", "blue", default)).Fault?.Kind);
        Assert.Equal(FaultKind.Invalid, (await Clusters.Describe(Region, "../blue", default)).Fault?.Kind);
        Assert.Equal(FaultKind.Invalid, (await Clusters.Upgrade(Region, "blue", "1.99", default)).Fault?.Kind);
        Assert.Equal(FaultKind.Invalid, (await Clusters.Upgrade(Region, "europe-west1-b/green", "1.34", default)).Fault?.Kind);
        Assert.Equal(FaultKind.Invalid, (await Clusters.Upgrading("what/../ever", default)).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await Clusters.Upgrading("europe-west1/operation-0", default)).Fault?.Kind);
        _google.RevokeCredentials();
        Assert.Equal(FaultKind.Unauthenticated, (await Clusters.Describe(Region, "blue", default)).Fault?.Kind);
    }

    [Fact]
    public async Task The_token_of_a_cluster_is_one_of_googles_and_ends_with_it()
    {
        var token = (await Clusters.Token(Region, "blue", default)).Value;

        Assert.StartsWith("ya29.", token.Value, StringComparison.Ordinal);
        Assert.InRange(token.ExpiresAt - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(58), TimeSpan.FromMinutes(61));
        Assert.DoesNotContain(token.Value, $"{token}", StringComparison.Ordinal);
    }
}
