using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Dialects;
using Fury.ClusterApi.Kubernetes.Seeing;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>What sets one cluster apart. Only its version and its nodes are needed for it; the rest is told where Fury may read it.</summary>
internal sealed class KubernetesTraits(KubePlace place, DialectKeeper dialects)
{
    private const string SystemSpace = "kube-system";

    public async Task<Outcome<ClusterTraits>> Ask(CancellationToken cancellation)
    {
        var dialect = await dialects.Ask(cancellation);
        var nodes = await dialect.Then(_ => place.Client.All(new KubeSelection(KubeResource.Nodes), NodeTraits.Read, cancellation));
        if (!nodes.IsOk)
        {
            return nodes.Fault;
        }

        // At once, so that a part of the cluster that is away costs the time of its repeats only once.
        var apis = place.Client.Call(KubeCall.GetPath("/apis", "apis"), cancellation);
        var validating = First(KubeResource.ValidatingWebhooks, null, cancellation);
        var mutating = First(KubeResource.MutatingWebhooks, null, cancellation);
        var networks = First(KubeResource.DaemonSets, SystemSpace, cancellation);
        await Task.WhenAll(apis, validating, mutating, networks);
        return TraitReading.Of(dialect.Value.ToVersion(),
        [
            .. nodes.Value.SelectMany(traits => traits),
            .. TraitReading.Apis(await apis),
            .. TraitReading.Admission("validating", await validating),
            .. TraitReading.Admission("mutating", await mutating),
            .. TraitReading.Network(await networks),
        ]);
    }

    /// <summary>One page: more webhooks than that are more traits than are told.</summary>
    private Task<Outcome<KubePage>> First(KubeResource resource, string? space, CancellationToken cancellation) =>
        place.Client.Page(new KubeSelection(resource, space), null, cancellation);
}
