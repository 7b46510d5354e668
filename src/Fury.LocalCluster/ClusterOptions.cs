using System.Net;

namespace Fury.LocalCluster;

/// <summary>What makes pods run.</summary>
public enum KubeletMode
{
    /// <summary>Nobody does; whoever wants them ready says so through their status.</summary>
    None,

    /// <summary>Nothing runs; pods become ready after a while, each with an address of its own.</summary>
    Simulated,

    /// <summary>Containers with an image <c>file:///folder</c> run as processes of this machine, each pod with a 127/8 address of its own.</summary>
    Process,
}

/// <summary>How a local cluster is.</summary>
public sealed record ClusterOptions
{
    /// <summary><c>1.22</c> to <c>1.35</c>; decides which versions of kinds are served.</summary>
    public string Version { get; init; } = "1.34";

    /// <summary>A loopback address.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes any free one, which the cluster then keeps over <see cref="Cluster.Kill"/> and <see cref="Cluster.Revive"/>.</summary>
    public int Port { get; init; }

    /// <summary>With a certificate of an authority that is made at the start. Callers then need a token or the client certificate.</summary>
    public bool Tls { get; init; }

    /// <summary>The administrator's bearer token. Without one, and without TLS, everybody on this machine is let in.</summary>
    public string? Token { get; init; }

    public string Name { get; init; } = "local";

    public KubeletMode Kubelet { get; init; } = KubeletMode.Simulated;

    public int Nodes { get; init; } = 3;

    /// <summary>What each node has, as Kubernetes writes quantities.</summary>
    public string NodeCpu { get; init; } = "8";

    public string NodeMemory { get; init; } = "32Gi";

    public int PodsPerNodeMax { get; init; } = 110;

    /// <summary>Zones that the nodes are spread over, one after the other, as the label <c>topology.kubernetes.io/zone</c>.</summary>
    public IReadOnlyList<string> Zones { get; init; } = ["local-a", "local-b", "local-c"];

    /// <summary>How long a simulated pod takes from its node to ready.</summary>
    public TimeSpan ReadyAfter { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// Where pods as processes keep their output, for one cluster at a time: processes that an earlier one has left there are ended. By default a
    /// folder of its own, removed at the end.
    /// </summary>
    public string? DataFolder { get; init; }

    /// <summary>Whether <c>metrics.k8s.io</c> is served, as where a metrics server is installed. Autoscalers know what is used all the same.</summary>
    public bool ServesMetrics { get; init; } = true;

    /// <summary>
    /// Further groups of the API, each as <c>GROUP/VERSION</c> and the preferred version of one group first. They are named and hold nothing: it is as
    /// if somebody had installed an operator.
    /// </summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Of what is left to chance: the faults.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Changes of each kind that watchers can catch up with; older ones are <c>410 Gone</c>.</summary>
    public int HistoryMax { get; init; } = 4096;

    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a node says that it lives.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A node that has said nothing for so long is lost.</summary>
    public TimeSpan NodeLostAfter { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How often autoscalers look.</summary>
    public TimeSpan AutoscalerInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Of a process that ends by itself; doubles with each restart up to <see cref="RestartPauseMax"/>.</summary>
    public TimeSpan RestartPause { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan RestartPauseMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <exception cref="ArgumentException">Names the option, its value and what would be right.</exception>
    internal ClusterVersion Check()
    {
        Require(ClusterVersion.TryParse(Version, out var version), nameof(Version), Version, $"1.{ClusterVersion.MinorMin} to 1.{ClusterVersion.MinorMax}");
        Require(IPAddress.IsLoopback(Address), nameof(Address), Address, "a loopback address: this is a tool for development");
        Require(Port is >= 0 and <= 65535, nameof(Port), Port, "0 to 65535");
        Require(Nodes is >= 0 and <= 5000, nameof(Nodes), Nodes, "0 to 5000");
        Require(Quantity.Parse(NodeCpu) > 0, nameof(NodeCpu), NodeCpu, "a quantity such as 8 or 500m");
        Require(Quantity.Parse(NodeMemory) > 0, nameof(NodeMemory), NodeMemory, "a quantity such as 32Gi");
        Require(HistoryMax is >= 1 and <= 10_000_000, nameof(HistoryMax), HistoryMax, "1 to 10,000,000");
        Require(Names.IsName(Name), nameof(Name), Name, "a lowercase DNS name");
        foreach (var group in Groups)
        {
            Require(IsFurther(group), nameof(Groups), group, "a group with a dot that no Kubernetes has, and a version, such as cert-manager.io/v1");
        }

        Require(Kubelet != KubeletMode.Process || OperatingSystem.IsLinux(), nameof(Kubelet), Kubelet, "simulated or none: processes need Linux");
        return ServesMetrics ? version! : version!.WithoutMetrics();
    }

    private static bool IsFurther(string group) => group.Split('/') is [var name, var version]
        && name.Contains('.', StringComparison.Ordinal) && Names.IsName(name) && Names.IsLabelName(version)
        && AllKinds.All.All(kind => kind.Group != name);

    private static void Require(bool holds, string option, object value, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException($"{option} is '{value}', and must be {expected}.");
        }
    }
}
