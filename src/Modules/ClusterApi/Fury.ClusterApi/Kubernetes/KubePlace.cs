using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.ClusterApi.Kubernetes.Objects;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>Where in a cluster Fury's objects are, and whose they must be to be touched.</summary>
internal sealed class KubePlace(KubeClient client, string space, string owner)
{
    public KubeClient Client => client;

    public string Space => space;

    public string Owner => owner;

    /// <summary>All that is Fury's.</summary>
    public string Selector => $"{Marks.Owner}={owner}";

    public KubeSelection Owned(KubeResource resource) => new(resource, space, Selector);

    /// <summary>An object of Fury's; undefined when there is none of that name, a conflict when it is somebody else's.</summary>
    public async Task<Outcome<JsonElement>> Find(KubeResource resource, string name, CancellationToken cancellation)
    {
        var found = await client.Call(KubeCall.Get(resource, space, name), cancellation);
        if (!found.IsOk)
        {
            return found.Fault.IsStatus(HttpStatusCode.NotFound) && !found.Fault.IsNotServed() ? default(JsonElement) : found.Fault;
        }

        return found.Value.Label(Marks.Owner) == owner
            ? found
            : Fault.Conflict($"{resource.Kind} {space}/{name} is not Fury's ({Marks.Owner}={owner} is not on it), so it is not touched.");
    }

    /// <summary>Applies an object after a look at whose it is.</summary>
    public async Task<Outcome<JsonElement>> Apply(KubeResource resource, JsonObject body, CancellationToken cancellation)
    {
        var name = (string)body["metadata"]!["name"]!;
        var found = await Find(resource, name, cancellation);
        return found.IsOk ? await WithSpace(() => client.Call(KubeCall.Apply(resource, space, name, body), cancellation), cancellation) : found.Fault;
    }

    public Task<Outcome<JsonElement>> Create(KubeResource resource, JsonObject body, CancellationToken cancellation) =>
        WithSpace(() => client.Call(KubeCall.Create(resource, space, body), cancellation), cancellation);

    /// <summary>True when there was one. Only of Fury's.</summary>
    public async Task<Outcome<bool>> Delete(KubeResource resource, string name, CancellationToken cancellation)
    {
        var found = await Find(resource, name, cancellation);
        if (!found.IsOk || found.Value.ValueKind == JsonValueKind.Undefined)
        {
            return found.Then<bool>(_ => false);
        }

        var gone = await client.Call(KubeCall.Delete(resource, space, name), cancellation);
        return gone.IsOk || gone.Fault.IsStatus(HttpStatusCode.NotFound) ? true : gone.Fault;
    }

    /// <summary>The first object in a new cluster finds no namespace; it is made then, and only then, since many may not look at namespaces.</summary>
    private async Task<Outcome<JsonElement>> WithSpace(Func<Task<Outcome<JsonElement>>> write, CancellationToken cancellation)
    {
        var written = await write();
        if (!written.Fault.IsStatus(HttpStatusCode.NotFound) || written.Fault.IsNotServed())
        {
            return written;
        }

        var body = new JsonObject
        {
            ["apiVersion"] = KubeResource.Namespaces.Version,
            ["kind"] = KubeResource.Namespaces.Kind,
            ["metadata"] = new JsonObject { ["name"] = space, ["labels"] = new JsonObject { [Marks.ManagedBy] = "fury", [Marks.Owner] = owner } },
        };
        var made = await client.Call(KubeCall.Create(KubeResource.Namespaces, null, body), cancellation);
        return made.IsOk || made.Fault.IsStatus(HttpStatusCode.Conflict) ? await write() : made;
    }
}
