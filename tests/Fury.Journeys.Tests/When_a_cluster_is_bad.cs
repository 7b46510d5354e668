using System.Net.Http.Json;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.LocalCluster;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>What people read of a cluster that is of no use, and of an artifact that is of none to a cluster.</summary>
public sealed class When_a_cluster_is_bad : IAsyncLifetime
{
    /// <summary>Long, so that it is seen that nobody waits for it.</summary>
    private static readonly PolicyRequest Patient = Platform.Quick with { ProvisionSeconds = 300 };

    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fury-journey-");
    private LocalCluster.Cluster _cluster = null!;
    private FuryProcess _fury = null!;
    private Platform _platform = null!;

    public async Task InitializeAsync()
    {
        _cluster = await LocalCluster.Cluster.Start(new() { Kubelet = KubeletMode.Process, Tls = true });
        _fury = await FuryProcess.Start();
        _platform = new Platform(_fury);
    }

    public async Task DisposeAsync()
    {
        // The cluster first: processes of its pods would look like the host's.
        await _cluster.DisposeAsync();
        await _fury.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_list_says_why_and_an_artifact_that_has_gone_ends_a_deployment_long_before_its_deadline()
    {
        var user = _cluster.Kubeconfig[_cluster.Kubeconfig.IndexOf("  user:\n    client", StringComparison.Ordinal)..];
        const string Plugin = "  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: cloud-login}\n";
        await Register("bad", _cluster.Kubeconfig.Replace(user, Plugin, StringComparison.Ordinal), "elsewhere");
        await Register("good", _cluster.Kubeconfig, "this-machine");
        await Listed("names the credential plugin 'cloud-login', which this machine does not have.");
        await Listed("All is well.");

        await Put("/api/v1/applications/hello", new { team = "journeys" });
        await Put($"{Platform.Scopes}/production-web", new { minReplicas = 1, maxReplicas = 4, compute = "serverless" });
        await _platform.Register("1.0.0");
        var artifacts = Path.Combine(_fury.DataFolder, "artifacts");
        Directory.Delete(artifacts, recursive: true);

        var ended = await _platform.Ended((await _platform.Deploy("1.0.0", "all-in", Patient)).Id, EndsWithin);

        Assert.Equal(DeploymentPhase.RolledBack, ended.Phase);
        Assert.Contains("The artifact cannot be fetched", ended.Reason, StringComparison.Ordinal);
        Assert.Contains(artifacts, ended.Reason, StringComparison.Ordinal);
    }

    private async Task Register(string name, string kubeconfig, string region)
    {
        var file = Path.Combine(_folder.FullName, name);
        await File.WriteAllTextAsync(file, kubeconfig);
        await Cli("cluster", "add", name, "--provider", "local", "--region", region, "--kubeconfig", file,
            "--zone", "local-a", "--zone", "local-b", "--zone", "local-c");
    }

    private Task Listed(string words)
    {
        var list = "";
        return Platform.Until(EndsWithin, () => $"No cluster says '{words}':\n{list}\n{_fury.Log}", async () =>
        {
            list = await Cli("cluster", "list");
            return list.Contains(words, StringComparison.Ordinal);
        });
    }

    private async Task Put(string path, object body)
    {
        using var answer = await _fury.Client.PutAsJsonAsync(path, body, FuryJson.Options);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task<string> Cli(params string[] arguments) => (await FuryCli.Run(_fury, arguments)).Output;
}
