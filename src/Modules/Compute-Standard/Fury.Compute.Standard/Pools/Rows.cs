using System.Text.Json;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Pools;

/// <summary>A row of <c>standard.pool</c> as the database gives it.</summary>
internal sealed record PoolRow(Guid Id, string Spec, string Phase, long Revision, string? Problem, int Failures, DateTime? RetryAt, int? Scaled)
{
    public Pool ToPool(IReadOnlyList<InstanceRow> instances) => new(
        JsonSerializer.Deserialize<PoolSpec>(Spec, FuryJson.Options)!,
        Word.Read<PoolPhase>(Phase),
        Revision,
        Problem is null ? null : JsonSerializer.Deserialize<Fault>(Problem, FuryJson.Options),
        Failures,
        Rows.Time(RetryAt),
        [.. instances.Select(instance => instance.ToInstance())],
        Scaled);
}

/// <summary>A row of <c>standard.instance</c> as the database gives and takes it.</summary>
internal sealed record InstanceRow(
    Guid Id,
    Guid Pool,
    Guid Lot,
    string Provider,
    string Region,
    string? Zone,
    string? Type,
    string Market,
    string Phase,
    string? Node,
    string? ProviderId,
    string? Address,
    int Port,
    int Restarts,
    string? Reason,
    bool WasReady,
    long? Launch,
    bool Terminating,
    DateTime? StoppingAt,
    DateTime CreatedAt,
    DateTime? EndsAt)
{
    public static InstanceRow Of(PoolId pool, Instance instance) => new(
        instance.Id.Value,
        pool.Value,
        instance.Lot,
        instance.Place.Provider,
        instance.Place.Region,
        instance.Place.Zone,
        instance.Place.Type,
        Word.Of(instance.Place.Market),
        Word.Of(instance.Phase),
        instance.Node,
        instance.ProviderId,
        instance.Address,
        instance.Port,
        instance.Restarts,
        instance.Reason,
        instance.WasReady,
        instance.Launch,
        instance.Terminating,
        instance.StoppingAt?.UtcDateTime,
        instance.CreatedAt.UtcDateTime,
        instance.EndsAt?.UtcDateTime);

    public Instance ToInstance() => new(
        new(Id),
        Lot,
        new(Provider, Region, Zone, Type, Word.Read<Market>(Market)),
        Word.Read<ReplicaPhase>(Phase),
        Node,
        ProviderId,
        Address,
        Port,
        Restarts,
        Reason,
        WasReady,
        Launch,
        Terminating,
        Rows.Time(StoppingAt),
        Rows.Time(CreatedAt)!.Value,
        Rows.Time(EndsAt));
}

internal static class Rows
{
    public static DateTimeOffset? Time(DateTime? utc) => utc is { } time ? new(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : null;
}
