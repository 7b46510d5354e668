using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes;
using Fury.ClusterApi.Kubernetes.Access;
using Fury.ClusterApi.Kubernetes.Wire;

namespace Fury.ClusterApi.Tests.Clusters;

/// <summary>
/// Says of pods that they are ready, and lets go of those that are to end, in a cluster where no kubelet does. Through the status subresource,
/// as a kubelet does it; nothing else is touched.
/// </summary>
internal sealed class FakeKubelet : IDisposable
{
    private readonly KubePlace _place;

    public FakeKubelet(ClusterAccess access)
    {
        var known = AccessReader.Read(access, isTrusted: true, TimeProvider.System).Value;
        var client = new KubeClient(known.Server, new KubeConnection(known), new FixedCredentials(known.User), TimeProvider.System, new Random(1));
        _place = new KubePlace(client, access.Space ?? known.Namespace ?? "fury", access.Owner);
    }

    public async Task Pass()
    {
        var pods = (await _place.Client.All(_place.Owned(KubeResource.Pods), pod => pod, default)).Value;
        foreach (var (index, pod) in pods.Index())
        {
            if (pod.At("metadata").Text("deletionTimestamp") is not null)
            {
                await _place.Client.Call(LetGo(pod), default);
            }
            else if (!pod.At("status").Items("conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True"))
            {
                await _place.Client.Call(MakeReady(pod, index), default);
            }
        }
    }

    public void Dispose() => _place.Client.Dispose();

    private KubeCall LetGo(JsonElement pod)
    {
        var call = KubeCall.Delete(KubeResource.Pods, _place.Space, pod.Name());
        call.Body!["gracePeriodSeconds"] = 0;
        return call;
    }

    private KubeCall MakeReady(JsonElement pod, int index)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        JsonObject Condition(string type) => new() { ["type"] = type, ["status"] = "True", ["lastTransitionTime"] = now };
        var status = new JsonObject
        {
            ["phase"] = "Running",
            ["podIP"] = $"10.99.{index / 250}.{(index % 250) + 1}",
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = $"10.99.{index / 250}.{(index % 250) + 1}" }),
            ["conditions"] = new JsonArray(Condition("PodScheduled"), Condition("Initialized"), Condition("ContainersReady"), Condition("Ready")),
        };
        return KubeCall.Merge(KubeResource.Pods, _place.Space, $"{pod.Name()}", new JsonObject { ["status"] = status }) with
        {
            Path = $"{KubeResource.Pods.One(_place.Space, pod.Name())}/status?fieldManager=fake-kubelet",
        };
    }
}
