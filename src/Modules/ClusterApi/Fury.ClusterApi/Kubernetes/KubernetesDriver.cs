using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Access;
using Fury.ClusterApi.Kubernetes.Dialects;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>Kubernetes 1.22 and newer.</summary>
internal sealed class KubernetesDriver(TimeProvider clock, Random chance, ILogger<KubernetesDriver> logger) : IOrchestratorDriver
{
    private const string SpaceDefault = "fury";

    public string Name => "kubernetes";

    public Outcome<IOrchestratorCluster> Open(ClusterName cluster, ClusterAccess access, bool isTrusted)
    {
        var read = AccessReader.Read(access, isTrusted, clock);
        if (!read.IsOk)
        {
            return read.Fault;
        }

        var known = read.Value;
        var client = new KubeClient(known.Server, new KubeConnection(known), CredentialsOf(known), clock, chance);
        var place = new KubePlace(client, access.Space ?? known.Namespace ?? SpaceDefault, access.Owner);
        var dialects = new DialectKeeper(new Discovery(client), clock, logger);
        return new KubernetesCluster(known.Fingerprint, place, dialects, new KubernetesUsage(cluster, place, logger));
    }

    private IKubeCredentials CredentialsOf(KubeAccess access) => access.User switch
    {
        { Exec: { } plugin } => new ExecCredentials(access, plugin, clock),
        { Token: null, TokenFile: { } path } user => new FileCredentials(path, user.Certificate, clock),
        var user => new FixedCredentials(user),
    };
}
