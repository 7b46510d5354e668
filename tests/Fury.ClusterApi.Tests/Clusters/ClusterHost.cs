using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes;
using Fury.LocalCluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.ClusterApi.Tests.Clusters;

/// <summary>The Cluster API with a clock of its own and a seeded chance, as a host would register it.</summary>
internal static class ClusterHost
{
    public static ClusterDesk Desk(int seed = 1) =>
        new([new KubernetesDriver(TimeProvider.System, new Random(seed), NullLogger<KubernetesDriver>.Instance)]);

    public static ClusterAccess AccessOf(Cluster cluster, string owner = "fury") => new("kubernetes", cluster.Kubeconfig, Owner: owner);
}
