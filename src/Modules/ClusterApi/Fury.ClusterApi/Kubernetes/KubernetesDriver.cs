using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Access;
using Fury.ClusterApi.Kubernetes.Dialects;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>Kubernetes 1.22 and newer.</summary>
internal sealed class KubernetesDriver(
    TimeProvider clock, Random chance, ILogger<KubernetesDriver> logger, IManagedClusters? managed = null) : IOrchestratorDriver
{
    private const string SpaceDefault = "fury";

    public string Name => "kubernetes";

    public async Task<Outcome<IOrchestratorCluster>> Open(ClusterName cluster, ClusterAccess access, bool isTrusted, CancellationToken cancellation)
    {
        var read = access.Managed is { } its ? await Find(its, isTrusted, cancellation) : AccessReader.Read(access, isTrusted, clock);
        if (!read.IsOk)
        {
            return read.Fault;
        }

        var known = read.Value;
        var client = new KubeClient(known.Server, new KubeConnection(known), CredentialsOf(access, known), clock, chance);
        var place = new KubePlace(client, access.Space ?? known.Namespace ?? SpaceDefault, access.Owner);
        var dialects = new DialectKeeper(new Discovery(client), clock, logger);
        return new KubernetesCluster(known.Fingerprint, place, dialects, new KubernetesUsage(cluster, place, logger));
    }

    private async Task<Outcome<KubeAccess>> Find(ManagedCluster cluster, bool isTrusted, CancellationToken cancellation)
    {
        if (!isTrusted)
        {
            return KubeconfigFiles.Untrusted("access.managed", "the provider's identity");
        }

        if (managed is null)
        {
            return Fault.Invalid("access.managed", cluster, "left out: this host has no provider with clusters");
        }

        return (await managed.Find(cluster, cancellation)).Then(address => AccessReader.Managed(cluster, address, clock));
    }

    private IKubeCredentials CredentialsOf(ClusterAccess access, KubeAccess known) => known.User switch
    {
        _ when access.Managed is { } cluster => new ManagedCredentials(cluster, managed!, clock),
        { Exec: { } plugin } => new ExecCredentials(known, plugin, clock),
        { Token: null, TokenFile: { } path } user => new FileCredentials(path, user.Certificate, clock),
        var user => new FixedCredentials(user),
    };
}
