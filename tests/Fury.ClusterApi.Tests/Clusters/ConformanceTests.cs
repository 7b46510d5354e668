using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Fury.LocalCluster;
using Fury.Testing;

namespace Fury.ClusterApi.Tests.Clusters;

/// <summary>The newest local cluster, whose pods are simulated.</summary>
public sealed class NewClusterTests() : LocalClusterConformance(new ClusterOptions { Version = "1.34" });

/// <summary>The oldest, over TLS with a token.</summary>
public sealed class OldClusterTests() : LocalClusterConformance(new ClusterOptions { Version = "1.22", Tls = true, Token = "a-token-of-the-administrator" });

public abstract class LocalClusterConformance(ClusterOptions options) : ClusterApiContract
{
    private readonly ClusterDesk _desk = ClusterHost.Desk();
    private Cluster? _cluster;

    protected override IClusterApi Api => _desk;

    protected override ClusterAccess Access => ClusterHost.AccessOf(_cluster!);

    protected override Artifact Artifact { get; } = new("oci://local/any", "", "", []);

    public override async Task InitializeAsync()
    {
        _cluster = await Cluster.Start(options);
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _desk.Dispose();
        await _cluster!.DisposeAsync();
    }
}

/// <summary>A local cluster whose pods are processes of this machine.</summary>
public sealed class ProcessClusterTests : ClusterReplicasContract
{
    private readonly ClusterDesk _desk = ClusterHost.Desk();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fury-artifact-");
    private Cluster? _cluster;

    protected override IClusterApi Api => _desk;

    protected override ClusterAccess Access => ClusterHost.AccessOf(_cluster!);

    protected override Artifact Artifact => Of("echo begins; trap 'exit 0' TERM; while :; do sleep 0.05; done");

    protected override Artifact MissingArtifact => new("file:///no-such-folder/anywhere", "", "run", []);

    protected override Artifact Busy => Of("(while :; do :; done) & trap 'kill $!; exit 0' TERM; while :; do sleep 0.05; done");

    protected override Artifact Ending(int code) => Of($"echo ends; exit {code}");

    [Fact]
    public async Task No_line_is_lost_among_many_of_one_moment()
    {
        const int lines = 300;
        await using var view = new ClusterView(Api, Here);
        var wish = Workload();
        var artifact = Of($"i=0; while [ $i -lt {lines} ]; do echo line $i; i=$((i+1)); done; trap 'exit 0' TERM; while :; do sleep 0.05; done");
        await Applied(wish with { Template = wish.Template with { Artifact = artifact } });
        await Until(() => view.Ready(wish.Id) == 1);

        // All lines are of one time, as they are of one microsecond elsewhere.
        _cluster!.StopClock();
        var name = view.Of(wish.Id)[0].Name;
        await Until(async () => await (await Api.Logs(Here, name, 1000, follow: false, default)).Value.Lines.CountAsync() == lines);
        var followed = await (await Api.Logs(Here, name, 1000, follow: true, default)).Value.Lines.Take(lines).Select(line => line.Text).ToListAsync();

        Assert.Equal(Enumerable.Range(0, lines).Select(index => $"line {index}"), followed);
    }

    [Fact]
    public async Task A_process_that_runs_out_of_memory_is_started_again_and_told_so_by_number()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload();
        await Applied(wish);
        for (var end = 1; end <= 2; end++)
        {
            await Until(() => view.Ready(wish.Id) == 1 && view.Of(wish.Id)[0].Restarts == end - 1);
            var (ns, pod) = _cluster!.Pods.Single(pod => pod.Name == view.Of(wish.Id)[0].Name);

            Assert.True(_cluster.RunOutOfMemory(ns, pod));

            await Until(() => view.Of(wish.Id)[0].OutOfMemoryEnd == end);
        }

        Assert.False(_cluster!.RunOutOfMemory("default", "not-there"));
    }

    public override async Task InitializeAsync()
    {
        _cluster = await Cluster.Start(new ClusterOptions { Kubelet = KubeletMode.Process, RestartPause = TimeSpan.FromMilliseconds(50) });
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _desk.Dispose();
        await _cluster!.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private Artifact Of(string script)
    {
        var path = Path.Combine(_folder.FullName, "run");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new Artifact($"file://{_folder.FullName}", "", "run", []);
    }
}

/// <summary>
/// The cluster of the kubeconfig <c>FURY_TEST_KUBECONFIG</c>; without it a local one in which nobody runs pods. Where the cluster has no
/// kubelets, <c>FURY_TEST_FAKE_KUBELET=1</c> says in their place that pods are ready. <c>./dev test --suite cluster</c> runs only this.
/// </summary>
[Trait("Category", "Cluster")]
public sealed class GivenClusterTests : ClusterApiContract
{
    private static readonly string? Kubeconfig = Environment.GetEnvironmentVariable("FURY_TEST_KUBECONFIG") is { Length: > 0 } path ? path : null;
    private static readonly bool IsTended = Kubeconfig is null || Environment.GetEnvironmentVariable("FURY_TEST_FAKE_KUBELET") == "1";

    private readonly ClusterDesk _desk = ClusterHost.Desk();
    private readonly string _owner = $"test-{Guid.NewGuid().ToString("N")[..8]}";
    private Cluster? _cluster;
    private FakeKubelet? _kubelet;

    protected override IClusterApi Api => _desk;

    protected override ClusterAccess Access => Kubeconfig is { } path
        ? new ClusterAccess("kubernetes", File: path, Space: Environment.GetEnvironmentVariable("FURY_TEST_NAMESPACE"), Owner: _owner)
        : ClusterHost.AccessOf(_cluster!, _owner);

    protected override Artifact Artifact { get; } =
        new($"oci://{Environment.GetEnvironmentVariable("FURY_TEST_IMAGE") ?? "registry.k8s.io/pause:3.9"}", "", "", []);

    public override async Task InitializeAsync()
    {
        _cluster = Kubeconfig is null ? await Cluster.Start(new ClusterOptions { Kubelet = KubeletMode.None }) : null;
        _kubelet = IsTended ? new FakeKubelet(Access) : null;
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Tend();
        _kubelet?.Dispose();
        _desk.Dispose();
        if (_cluster is { } cluster)
        {
            await cluster.DisposeAsync();
        }
    }

    protected override Task Tend() => _kubelet?.Pass() ?? Task.CompletedTask;
}
