using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Dialects;
using Fury.ClusterApi.Kubernetes.Objects;
using Fury.ClusterApi.Kubernetes.Seeing;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>Carries out what <see cref="PoolMove"/> decided. Each order may break off anywhere; the same order again goes on from there.</summary>
internal sealed class KubernetesPools(KubePlace place, DialectKeeper dialects)
{
    /// <summary>Somebody else writes the scale too (the autoscaler); its read and write are tried again so often.</summary>
    private const int ScaleAttemptsMax = 10;

    public Task<Outcome<ClusterPool>> Apply(PoolWorkload wish, CancellationToken cancellation) =>
        dialects.Speak(dialect => Apply(wish, dialect, cancellation), cancellation);

    /// <summary>
    /// The autoscaler goes first and the ReplicaSet before its pods, so that nobody makes new ones. The ReplicaSet's own end would take the pods
    /// too, with the grace of their template; they are asked by name to keep the one that was given.
    /// </summary>
    public async Task<Outcome> Remove(PoolId pool, TimeSpan grace, CancellationToken cancellation)
    {
        var name = Marks.PoolName(pool);
        var removed = await dialects.Speak<bool>(
            async dialect =>
            {
                foreach (var resource in new[] { dialect.Autoscalers, KubeResource.ReplicaSets, dialect.Budgets })
                {
                    var gone = await place.Delete(resource, name, cancellation);
                    if (!gone.IsOk)
                    {
                        return gone;
                    }
                }

                return true;
            },
            cancellation);
        if (!removed.IsOk)
        {
            return removed.Fault;
        }

        return await End(new(KubeResource.Pods, place.Space, $"{place.Selector},{Marks.Pool}={pool}"), grace, cancellation);
    }

    /// <summary>
    /// As a collection of one: in a single request only what carries the owner mark, with no more permission than a pool's removal needs. A ReplicaSet
    /// counts only what is not being deleted, so its controller makes the next pod as soon as it hears of it.
    /// </summary>
    public Task<Outcome> EndReplica(string replica, TimeSpan grace, CancellationToken cancellation) =>
        End(place.Owned(KubeResource.Pods) with { Fields = $"metadata.name={replica}" }, grace, cancellation);

    public async Task<Outcome<ClusterPool>> SetReplicas(PoolId pool, int replicas, CancellationToken cancellation)
    {
        var known = await Known(pool, cancellation);
        var scaled = await known.Then(_ => Scale(pool, _ => replicas, cancellation));
        return scaled.IsOk ? await Find(pool, cancellation) : scaled.Fault;
    }

    public async Task<Outcome<ClusterPool>> SetFloor(PoolId pool, int floor, CancellationToken cancellation)
    {
        var set = await dialects.Speak(
            async dialect =>
            {
                var autoscaler = await place.Find(dialect.Autoscalers, Marks.PoolName(pool), cancellation);
                if (!autoscaler.IsOk)
                {
                    return autoscaler;
                }

                if (PoolReading.ReadScaling(autoscaler.Value) is not { } scaling)
                {
                    var known = await Known(pool, cancellation);
                    return known.IsOk ? Fault.Conflict($"Pool {pool} has no autoscaling, so it has no floor.") : known.Fault;
                }

                return floor > scaling.Ceiling
                    ? Fault.Invalid("floor", floor, $"0 to the pool's ceiling of {scaling.Ceiling}")
                    : await place.Client.Call(
                        KubeCall.Merge(dialect.Autoscalers, place.Space, Marks.PoolName(pool), PoolObjects.Floor(floor)), cancellation);
            },
            cancellation);
        if (!set.IsOk)
        {
            return set.Fault;
        }

        // The autoscaler would do this too, but not for a pool that sleeps, and not before it looks again.
        var grown = await Scale(pool, now => Math.Max(now, floor), cancellation);
        return grown.IsOk ? await Find(pool, cancellation) : grown.Fault;
    }

    public Task<Outcome<ClusterPool>> Find(PoolId pool, CancellationToken cancellation) =>
        dialects.Speak(
            async dialect =>
            {
                var set = await Known(pool, cancellation);
                var autoscaler = await set.Then(_ => place.Find(dialect.Autoscalers, Marks.PoolName(pool), cancellation));
                return autoscaler.Then(scaler => Read(set.Value, scaler));
            },
            cancellation);

    public Task<Outcome<IReadOnlyList<ClusterPool>>> All(CancellationToken cancellation) =>
        dialects.Speak<IReadOnlyList<ClusterPool>>(
            async dialect =>
            {
                var autoscalers = await place.Client.All(place.Owned(dialect.Autoscalers), item => item, cancellation);
                if (!autoscalers.IsOk)
                {
                    return autoscalers.Fault;
                }

                var byName = autoscalers.Value.ToDictionary(item => item.Name());
                var pools = await place.Client.All(
                    place.Owned(KubeResource.ReplicaSets), set => PoolReading.Read(set, byName.GetValueOrDefault(set.Name())), cancellation);
                return pools.Then<IReadOnlyList<ClusterPool>>(found => found.OfType<ClusterPool>().ToList());
            },
            cancellation);

    private async Task<Outcome> End(KubeSelection pods, TimeSpan grace, CancellationToken cancellation)
    {
        var ended = await place.Client.Call(KubeCall.DeleteAll(pods, grace), cancellation);
        return ended.IsOk || ended.Fault.IsStatus(HttpStatusCode.NotFound) ? Outcome.Ok : ended.Fault;
    }

    private static Outcome<ClusterPool> Read(JsonElement set, JsonElement autoscaler) =>
        PoolReading.Read(set, autoscaler) is { } pool ? pool : Fault.Conflict($"ReplicaSet {set.Name()} does not say which pool it is.");

    private async Task<Outcome<ClusterPool>> Apply(PoolWorkload wish, Dialect dialect, CancellationToken cancellation)
    {
        var found = await place.Find(KubeResource.ReplicaSets, Marks.PoolName(wish.Id), cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        switch (PoolMove.Next(found.Value, wish))
        {
            case PoolMove.Refuse refused:
                return refused.Why;
            case PoolMove.Create:
                var created = await place.Create(KubeResource.ReplicaSets, PoolObjects.Create(wish, place.Owner), cancellation);
                if (created.Fault.IsStatus(HttpStatusCode.Conflict))
                {
                    // Another asker was faster, or an answer got lost on the way: what there is now decides.
                    found = await place.Find(KubeResource.ReplicaSets, Marks.PoolName(wish.Id), cancellation);
                    return found.IsOk && PoolMove.Next(found.Value, wish) is PoolMove.Repair
                        ? await Complete(found.Value, wish, dialect, cancellation)
                        : found.Fault ?? created.Fault!;
                }

                return created.IsOk ? await Complete(created.Value, wish, dialect, cancellation) : created.Fault;
            case PoolMove.Renumber renumber:
                return await Renumber(found.Value, renumber.Replicas, wish, dialect, cancellation);
            default:
                return await Complete(found.Value, wish, dialect, cancellation);
        }
    }

    /// <summary>Makes of the pool's further objects what is not there.</summary>
    private async Task<Outcome<ClusterPool>> Complete(JsonElement set, PoolWorkload wish, Dialect dialect, CancellationToken cancellation)
    {
        var uid = set.At("metadata").Text("uid") ?? "";
        var autoscaler = wish.Scaling is { } scaling
            ? await Missing(dialect.Autoscalers, PoolObjects.Autoscaler(wish, scaling, place.Owner, uid, dialect), cancellation)
            : default(JsonElement);
        var budget = await autoscaler.Then(_ => Missing(dialect.Budgets, PoolObjects.Budget(wish, place.Owner, uid, dialect), cancellation));
        return budget.IsOk ? Read(set, autoscaler.Value) : budget.Fault;
    }

    private async Task<Outcome<JsonElement>> Missing(KubeResource resource, JsonObject body, CancellationToken cancellation)
    {
        var name = (string)body["metadata"]!["name"]!;
        var found = await place.Find(resource, name, cancellation);
        return found.IsOk && found.Value.ValueKind == JsonValueKind.Undefined
            ? await place.Client.Call(KubeCall.Apply(resource, place.Space, name, body), cancellation)
            : found;
    }

    /// <summary>The token is written last: until then the same wish again begins anew.</summary>
    private async Task<Outcome<ClusterPool>> Renumber(
        JsonElement set, int? replicas, PoolWorkload wish, Dialect dialect, CancellationToken cancellation)
    {
        var uid = set.At("metadata").Text("uid") ?? "";
        Outcome<JsonElement> autoscaler = default(JsonElement);
        if (wish.Scaling is { } scaling)
        {
            autoscaler = await place.Apply(dialect.Autoscalers, PoolObjects.Autoscaler(wish, scaling, place.Owner, uid, dialect), cancellation);
        }
        else if ((await place.Delete(dialect.Autoscalers, Marks.PoolName(wish.Id), cancellation)).Fault is { } kept)
        {
            return kept;
        }

        var budget = await autoscaler.Then(_ => place.Apply(dialect.Budgets, PoolObjects.Budget(wish, place.Owner, uid, dialect), cancellation));
        var scaled = await budget.Then(_ => replicas is { } number ? Scale(wish.Id, _ => number, cancellation) : Task.FromResult<Outcome<int>>(0));
        var told = await scaled.Then(_ => place.Apply(KubeResource.ReplicaSets, PoolObjects.Update(wish, place.Owner), cancellation));
        return told.Then(updated => Read(updated, autoscaler.Value));
    }

    private async Task<Outcome<JsonElement>> Known(PoolId pool, CancellationToken cancellation) =>
        (await place.Find(KubeResource.ReplicaSets, Marks.PoolName(pool), cancellation)).Then<JsonElement>(
            set => set.ValueKind == JsonValueKind.Undefined ? Fault.NotFound("pool", pool) : set);

    /// <summary>Writes the scale that follows from the present one; a write that somebody came before is thought over again.</summary>
    private async Task<Outcome<int>> Scale(PoolId pool, Func<int, int> next, CancellationToken cancellation)
    {
        var name = Marks.PoolName(pool);
        for (var attempt = 1; ; attempt++)
        {
            var scale = await place.Client.Call(KubeCall.GetScale(KubeResource.ReplicaSets, place.Space, name), cancellation);
            if (!scale.IsOk)
            {
                return scale.Fault;
            }

            var now = scale.Value.At("spec").Int("replicas");
            if (next(now) == now)
            {
                return now;
            }

            var body = JsonObject.Create(scale.Value)!;
            body["spec"] = new JsonObject { ["replicas"] = next(now) };
            var written = await place.Client.Call(KubeCall.PutScale(KubeResource.ReplicaSets, place.Space, name, body), cancellation);
            if (written.IsOk || !written.Fault.IsStatus(HttpStatusCode.Conflict))
            {
                return written.Then<int>(_ => next(now));
            }

            ClusterApiMetrics.Retries.Add(1, new KeyValuePair<string, object?>("why", nameof(FaultKind.Conflict)));
            if (attempt == ScaleAttemptsMax)
            {
                // It passes by itself, so it is worth another try later.
                return Fault.Unavailable($"Somebody else writes the scale of {name} all the time: {ScaleAttemptsMax} attempts met another's write.");
            }
        }
    }
}
