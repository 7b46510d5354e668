using System.Buffers.Text;
using System.Net;
using System.Text;
using Fury.Kernel;
using Fury.Providers.Aws.Eks;
using Fury.Providers.Contracts;
using Fury.Testing;

namespace Fury.Providers.Aws.Tests;

public sealed class EksClustersTests : IAsyncLifetime, IDisposable
{
    private readonly HttpClient _http = new();
    private FakeAws? _aws;
    private AwsServices? _services;
    private EksClusters? _clusters;

    private FakeAws Aws => _aws!;

    private EksClusters Clusters => _clusters!;

    public async Task InitializeAsync()
    {
        _aws = await FakeAws.Start();
        _aws.Cluster("blue", "1.33");
        _services = AwsUnderTest.Services(_aws);
        _clusters = _services.Clusters();
    }

    public async Task DisposeAsync() => await Aws.DisposeAsync();

    public void Dispose()
    {
        _http.Dispose();
        _services?.Dispose();
    }

    [Fact]
    public async Task A_cluster_is_described()
    {
        var seen = (await Clusters.Describe("eu-west-1", "blue", default)).Value;

        Assert.Equal(
            new ProviderCluster(
                "eu-west-1", "blue", "1.33", ProviderClusterState.Running, new("https://blue.eks.example"), "-----BEGIN CERTIFICATE-----"),
            seen);
    }

    [Fact]
    public async Task What_there_is_not_is_named()
    {
        Assert.Equal(FaultKind.NotFound, (await Clusters.Describe("eu-west-1", "green", default)).Fault?.Kind);
        Assert.Equal("region", (await Clusters.Describe("nowhere", "blue", default)).Fault?.Fields.Single().Field);
        Assert.Equal("name", (await Clusters.Token("eu-west-1", "../blue", default)).Fault?.Fields.Single().Field);
        Assert.Equal("id", (await Clusters.Upgrading("no-id", default)).Fault?.Fields.Single().Field);
        Assert.Equal(FaultKind.NotFound, (await Clusters.Upgrading("eu-west-1/blue/none", default)).Fault?.Kind);
    }

    [Fact]
    public async Task An_upgrade_runs_and_the_same_wish_meanwhile_is_the_same_upgrade()
    {
        var first = await Clusters.Upgrade("eu-west-1", "blue", "1.34", default);
        var again = await Clusters.Upgrade("eu-west-1", "blue", "1.34", default);
        var other = await Clusters.Upgrade("eu-west-1", "blue", "1.35", default);

        Assert.Equal(first.Value, again.Value);
        Assert.Equal(FaultKind.Conflict, other.Fault?.Kind);
        Assert.Equal(ClusterUpgradeState.Running, (await Clusters.Upgrading(first.Value, default)).Value.State);
        Assert.Equal(ProviderClusterState.Updating, (await Clusters.Describe("eu-west-1", "blue", default)).Value.State);
        Aws.EndUpgrades();
        Assert.Equal(ClusterUpgradeState.Done, (await Clusters.Upgrading(first.Value, default)).Value.State);
        Assert.Equal("1.34", (await Clusters.Describe("eu-west-1", "blue", default)).Value.Version);
        Assert.Equal(FaultKind.Conflict, (await Clusters.Upgrade("eu-west-1", "blue", "1.34", default)).Fault?.Kind);
    }

    [Fact]
    public async Task An_upgrade_that_is_too_far_is_refused_and_one_that_fails_says_why()
    {
        var far = await Clusters.Upgrade("eu-west-1", "blue", "1.36", default);
        var failing = await Clusters.Upgrade("eu-west-1", "blue", "1.34", default);
        Aws.EndUpgrades(badly: true);

        Assert.Equal(FaultKind.Invalid, far.Fault?.Kind);
        Assert.Equal(
            new ClusterUpgrade(failing.Value, ClusterUpgradeState.Failed, "IpNotAvailable: No address is left."),
            (await Clusters.Upgrading(failing.Value, default)).Value);
        Assert.True((await Clusters.Upgrade("eu-west-1", "blue", "1.34", default)).IsOk);
    }

    [Fact]
    public async Task A_token_proves_to_the_token_service_who_made_it_for_this_cluster_only()
    {
        var token = (await Clusters.Token("eu-west-1", "blue", default)).Value;

        Assert.StartsWith("k8s-aws-v1.", token.Value, StringComparison.Ordinal);
        Assert.DoesNotContain('=', token.Value);
        Assert.InRange(token.ExpiresAt - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(13), TimeSpan.FromMinutes(14));
        var right = await Open(token, "blue");
        Assert.Equal(HttpStatusCode.OK, right.Status);
        Assert.Contains("assumed-role/fury/test", right.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await Open(token, "green")).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await Open(token, null)).Status);
    }

    [Fact]
    public async Task Calls_that_are_too_often_end_well_and_a_broken_service_is_unavailable()
    {
        Aws.ThrottleShare = 0.3;
        for (var round = 0; round < 10; round++)
        {
            Assert.True((await Clusters.Describe("eu-west-1", "blue", default)).IsOk);
        }

        Aws.ThrottleShare = 0;
        Aws.IsBroken = true;
        Assert.Equal(FaultKind.Unavailable, (await Clusters.Describe("eu-west-1", "blue", default)).Fault?.Kind);
        Aws.IsBroken = false;
        Aws.ExpireCredentials();
        Assert.True((await Clusters.Describe("eu-west-1", "blue", default)).IsOk);
        Aws.RevokeCredentials();
        Assert.Equal(FaultKind.Unauthenticated, (await Clusters.Describe("eu-west-1", "blue", default)).Fault?.Kind);
    }

    /// <summary>As the cluster does.</summary>
    private async Task<(HttpStatusCode Status, string Body)> Open(ClusterToken token, string? cluster)
    {
        var address = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Value.AsSpan("k8s-aws-v1.".Length)));
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (cluster is not null)
        {
            request.Headers.Add("x-k8s-aws-id", cluster);
        }

        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
