using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Tests.Access;
using Fury.Kernel;
using Fury.LocalCluster;

namespace Fury.ClusterApi.Tests.Clusters;

/// <summary>How both sides prove themselves, over TLS.</summary>
public sealed class ProofTests : LocalClusterTest
{
    private const string Token = "a-token-of-the-administrator";

    [Fact]
    public async Task A_client_certificate_is_enough()
    {
        await Start(new ClusterOptions { Tls = true });

        Assert.True((await Desk.Version(Name, default)).IsOk);
    }

    [Fact]
    public async Task Another_authority_is_named_as_the_reason()
    {
        var cluster = await Start(new ClusterOptions { Tls = true, Token = Token });
        var mine = cluster.Kubeconfig.Split('\n').Single(line => line.Contains("certificate-authority-data", StringComparison.Ordinal));
        var others = $"    certificate-authority-data: {TestCertificates.Base64(TestCertificates.Authority())}";
        await Desk.Connect(Name, new ClusterAccess("kubernetes", cluster.Kubeconfig.Replace(mine, others, StringComparison.Ordinal)), default);

        var fault = (await Desk.Version(Name, default)).Fault!;

        Assert.Equal(FaultKind.Unauthenticated, fault.Kind);
        Assert.Contains("not signed by the authority that the access names", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, $"{fault} {fault.Detail}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_named_as_the_reason()
    {
        var cluster = await Start(new ClusterOptions { Tls = true, Token = Token });
        const string before = "    certificate-authority-data";
        var text = cluster.Kubeconfig.Replace(before, $"    tls-server-name: elsewhere.example\n{before}", StringComparison.Ordinal);
        await Desk.Connect(Name, new ClusterAccess("kubernetes", text), default);

        var fault = (await Desk.Version(Name, default)).Fault!;

        Assert.Equal(FaultKind.Unauthenticated, fault.Kind);
        Assert.Contains("for another name", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_was_taken_away_is_named_as_the_reason()
    {
        var cluster = await Start(new ClusterOptions { Tls = true, Token = Token });
        Assert.True((await Desk.Version(Name, default)).IsOk);

        cluster.Access.RemoveToken(Token);
        cluster.Access.AddUser("other", "another-token-of-somebody-else");

        var fault = (await Desk.Apply(Name, Workload(), default)).Fault!;
        Assert.Equal(FaultKind.Unauthenticated, fault.Kind);
        Assert.DoesNotContain(Token, $"{fault} {fault.Detail}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_gets_a_new_token_is_asked_again_when_the_old_one_is_refused()
    {
        var cluster = await Start(new ClusterOptions { Tls = true, Token = Token });
        var folder = Directory.CreateTempSubdirectory("fury-plugin-");
        try
        {
            var file = Path.Combine(folder.FullName, "token");
            await File.WriteAllTextAsync(file, Token);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "plugin"), $$"""
                printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"} }' "$(cat {{file}})"
                """);
            var exec = $"    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: sh\n      args: [{folder.FullName}/plugin]";
            var text = cluster.Kubeconfig.Replace($"    token: {Token}", exec, StringComparison.Ordinal);
            Assert.Equal(Outcome.Ok, await Desk.Connect(Name, new ClusterAccess("kubernetes", text), default));
            await Applied(Workload());

            cluster.Access.AddUser("renewed", "the-token-after-that");
            cluster.Access.RemoveToken(Token);
            await File.WriteAllTextAsync(file, "the-token-after-that");

            await Applied(Workload());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_access_from_the_network_may_hold_everything_itself()
    {
        var cluster = await Start(new ClusterOptions { Tls = true });

        Assert.True((await Desk.ConnectFromNetwork(ClusterName.Parse("by-wire"), ClusterHost.AccessOf(cluster), default)).IsOk);
        foreach (var reaching in new[]
        {
            new ClusterAccess("kubernetes", File: "/etc/passwd"), new ClusterAccess("kubernetes"),
            new ClusterAccess("kubernetes", Managed: new("aws", "us-east-1", "shop")),
        })
        {
            Assert.Equal(FaultKind.Forbidden, (await Desk.ConnectFromNetwork(Name, reaching, default)).Fault!.Kind);
        }
    }
}
