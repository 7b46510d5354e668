using System.Text;
using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes;
using Fury.Kernel;
using Fury.LocalCluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.ClusterApi.Tests.Clusters;

/// <summary>A cluster whose provider says where it answers and who Fury is; behind it a real API with a certificate and tokens.</summary>
public sealed class ManagedClusterTests : IAsyncLifetime, IDisposable
{
    private static readonly ClusterName Name = ClusterName.Parse("prod");
    private static readonly ClusterAccess Access = new("kubernetes", Managed: new("aws", "us-east-1", "shop"));

    private readonly Managed _managed = new();
    private readonly ClusterDesk _desk;
    private Cluster _cluster = null!;

    public ManagedClusterTests() =>
        _desk = new([new KubernetesDriver(TimeProvider.System, new Random(1), NullLogger<KubernetesDriver>.Instance, _managed)]);

    public async Task InitializeAsync()
    {
        _cluster = await Cluster.Start(new ClusterOptions { Tls = true, Token = "first" });
        _managed.Address = AddressOf(_cluster);
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task It_is_spoken_to_without_a_document_and_the_token_is_asked_for_once()
    {
        Assert.True((await _desk.Connect(Name, Access, default)).IsOk);

        Assert.Equal(34, (await _desk.Version(Name, default)).Value.Minor);
        Assert.True((await _desk.Pools(Name, default)).IsOk);

        Assert.Equal(1, _managed.Passes);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_asked_for_anew()
    {
        await _desk.Connect(Name, Access, default);
        Assert.True((await _desk.Pools(Name, default)).IsOk);

        _managed.Token = "second";
        _cluster.Access.AddUser("fury", "second");
        _cluster.Access.RemoveToken("first");

        Assert.True((await _desk.Pools(Name, default)).IsOk);
        Assert.Equal(2, _managed.Passes);
    }

    [Fact]
    public async Task A_provider_that_gives_none_is_the_reason_in_its_own_words()
    {
        await _desk.Connect(Name, Access, default);
        _managed.Refusal = new Fault(FaultKind.Unauthenticated, "aws knows no credentials.");

        Assert.Equal(_managed.Refusal, (await _desk.Pools(Name, default)).Fault);
    }

    [Fact]
    public async Task One_that_cannot_be_found_is_not_connected_and_one_that_is_known_stays()
    {
        await _desk.Connect(Name, Access, default);
        var found = _managed.Address;
        _managed.Address = Fault.Unavailable("The cloud is away.");

        Assert.Equal(FaultKind.Unavailable, (await _desk.Connect(Name, Access, default)).Fault?.Kind);
        Assert.True((await _desk.Pools(Name, default)).IsOk);

        _managed.Address = found;
        Assert.True((await _desk.Connect(Name, Access, default)).IsOk);
    }

    [Fact]
    public async Task A_certificate_that_others_have_signed_is_refused()
    {
        await using var other = await Cluster.Start(new ClusterOptions { Tls = true });
        _managed.Address = _managed.Address.Value with { Authorities = AddressOf(other).Authorities };
        await _desk.Connect(Name, Access, default);

        Assert.Contains("certificate", (await _desk.Pools(Name, default)).Fault!.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_providers_it_is_said_what_would_be_right()
    {
        using var desk = ClusterHost.Desk();

        Assert.Contains("left out", (await desk.Connect(Name, Access, default)).Fault!.Message, StringComparison.Ordinal);
        var both = await desk.Connect(Name, Access with { File = "/etc/fury/kubeconfig" }, default);
        Assert.Contains("managed", both.Fault!.Message, StringComparison.Ordinal);
    }

    /// <summary>As a provider would tell it.</summary>
    private static ManagedAddress AddressOf(Cluster cluster)
    {
        var lines = cluster.Kubeconfig.Split('\n').Select(line => line.Trim()).ToList();
        return new(
            new Uri(Of("server:").Trim('"')),
            Encoding.ASCII.GetString(Convert.FromBase64String(Of("certificate-authority-data:").Trim('"'))));

        string Of(string key) => lines.First(line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..].Trim();
    }

    private sealed class Managed : IManagedClusters
    {
        public Outcome<ManagedAddress> Address { get; set; }

        public Fault? Refusal { get; set; }

        public string Token { get; set; } = "first";

        public int Passes { get; private set; }

        public Task<Outcome<ManagedAddress>> Find(ManagedCluster cluster, CancellationToken cancellation) => Task.FromResult(Address);

        public Task<Outcome<ManagedPass>> Pass(ManagedCluster cluster, CancellationToken cancellation)
        {
            Passes++;
            return Task.FromResult(Refusal is { } fault ? fault : (Outcome<ManagedPass>)new ManagedPass(Token, DateTimeOffset.MaxValue));
        }
    }
}
