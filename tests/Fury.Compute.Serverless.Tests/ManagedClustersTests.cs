using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Registry;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Providers.Contracts;
using NSubstitute;

namespace Fury.Compute.Serverless.Tests;

/// <summary>What providers say of the clusters that they run.</summary>
public sealed class ManagedClustersTests
{
    private static readonly ManagedCluster Shop = new("aws", "us-east-1", "shop");
    private static readonly ProviderCluster Seen =
        new("us-east-1", "shop", "1.34", ProviderClusterState.Running, new Uri("https://shop.example.com"), "-----BEGIN CERTIFICATE-----");

    private readonly TestClock _clock = new();
    private readonly IClusterProvider _aws = Substitute.For<IClusterProvider>();
    private readonly ManagedClusters _clusters;

    public ManagedClustersTests()
    {
        _aws.Name.Returns("aws");
        _aws.Regions.Returns(["us-east-1"]);
        _clusters = new([_aws], _clock);
        Say(Seen);
    }

    [Fact]
    public async Task A_cluster_that_is_asked_for_all_the_time_is_described_once_in_a_while()
    {
        for (var second = 0; second < 600; second += 2)
        {
            Assert.Equal(Seen.Endpoint, (await Find()).Value.Server);
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        await _aws.Received(2).Describe("us-east-1", "shop", Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Where_it_answers_is_known_while_its_cloud_is_away_and_not_once_it_is_gone()
    {
        await Find();
        _clock.Advance(TimeSpan.FromMinutes(6));
        Say(Fault.Unavailable("The cloud is away."));
        Assert.True((await Find()).IsOk);

        _clock.Advance(TimeSpan.FromMinutes(1));
        Say(Fault.NotFound("cluster", "shop"));
        Assert.Equal(FaultKind.NotFound, (await Find()).Fault?.Kind);
    }

    [Fact]
    public async Task One_that_is_being_made_has_no_address_yet_and_is_looked_at_again_soon()
    {
        Say(Seen with { State = ProviderClusterState.Creating, Endpoint = null });
        Assert.Equal("Cluster aws/us-east-1/shop has no address yet: it is creating.", (await Find()).Fault?.Message);

        Say(Seen);
        _clock.Advance(TimeSpan.FromSeconds(16));
        Assert.True((await Find()).IsOk);
    }

    [Theory]
    [InlineData("azure", "us-east-1", "provider")]
    [InlineData("aws", "mars", "region")]
    public async Task A_provider_or_a_region_that_this_host_does_not_have_is_named(string provider, string region, string field)
    {
        var fault = (await _clusters.Find(new(provider, region, "shop"), default)).Fault!;

        Assert.Equal((FaultKind.Invalid, field), (fault.Kind, Assert.Single(fault.Fields).Field));
    }

    [Fact]
    public async Task Tokens_are_the_providers()
    {
        _aws.Token("us-east-1", "shop", Arg.Any<CancellationToken>())
            .Returns((Outcome<ClusterToken>)new ClusterToken("k8s-aws-v1.token", _clock.GetUtcNow().AddMinutes(14)));

        Assert.Equal("k8s-aws-v1.token", (await _clusters.Pass(Shop, default)).Value.Token);
    }

    [Fact]
    public void A_request_names_a_document_or_a_managed_cluster_and_not_both()
    {
        var request = new ClusterRequest("aws", "us-east-1", Managed: "shop");

        Assert.Equal(Shop, request.Read("prod").Value.Access.Managed);
        Assert.Equal("managed", Assert.Single((request with { Kubeconfig = "/etc/fury/prod" }).Read("prod").Fault!.Fields).Field);
        Assert.Equal("managed", Assert.Single((request with { Managed = "a b" }).Read("prod").Fault!.Fields).Field);
    }

    private Task<Outcome<ManagedAddress>> Find() => _clusters.Find(Shop, default);

    private void Say(Outcome<ProviderCluster> answer) =>
        _aws.Describe("us-east-1", "shop", Arg.Any<CancellationToken>()).Returns(answer);
}
