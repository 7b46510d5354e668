using System.Text.Json;
using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Pools;

/// <summary>A row of <c>serverless.pool</c> as the database gives it.</summary>
internal sealed record PoolRow(
    Guid Id,
    string Spec,
    string Phase,
    long Revision,
    long Wish,
    long Placed,
    DateTime? RetryAt,
    string Shares,
    string Replicas,
    string? Unplaced)
{
    public const string Columns = """
        id, spec::text as spec, phase, revision, wish, placed, retry_at, shares::text as shares, replicas::text as replicas, unplaced::text as unplaced
        """;

    public Pool ToPool() => new(
        Read<PoolSpec>(Spec),
        Word.Read<PoolPhase>(Phase),
        Revision,
        Wish,
        Placed,
        RetryAt is { } time ? new(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : null,
        Read<List<Share>>(Shares),
        Read<List<SeenReplica>>(Replicas),
        Unplaced is null ? null : Read<Fault>(Unplaced));

    /// <summary>As the database takes it.</summary>
    public static object Of(Pool pool) => new
    {
        id = pool.Spec.Id,
        scope = pool.Spec.Release.Scope,
        spec = Write(pool.Spec),
        phase = Word.Of(pool.Phase),
        revision = pool.Revision,
        wish = pool.Wish,
        placed = pool.Placed,
        retryAt = pool.RetryAt,
        shares = Write(pool.Shares),
        replicas = Write(pool.Replicas),
        unplaced = pool.Unplaced is null ? null : Write(pool.Unplaced),
        settled = Settling.IsSettled(pool),
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, FuryJson.Options);

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, FuryJson.Options)!;
}
