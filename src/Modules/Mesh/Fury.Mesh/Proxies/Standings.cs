using System.Text.Json;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;

namespace Fury.Mesh.Proxies;

/// <summary>A proxy that is behind with a scope, as hosts tell each other.</summary>
/// <param name="Pools">Of a busy one: the pools that it has not let go of; null when it has shown of none that it has.</param>
internal sealed record BehindNote(string Scope, ProxyState Proxy, IReadOnlyList<PoolId>? Pools)
{
    /// <summary>Whether it holds up who waits for the scope to spread or, with a pool, for the pool to be idle.</summary>
    public bool Holds(PoolId? pool) =>
        Proxy.Stage != ProxyStage.Busy || (pool is { } leaving && (Pools is null || Pools.Contains(leaving)));

    /// <summary>Those that are on record for a scope.</summary>
    public static IReadOnlyList<BehindNote> Read(string? notes) =>
        notes is null ? [] : JsonSerializer.Deserialize<List<BehindNote>>(notes, FuryJson.Options)!;
}

/// <summary>How the proxies of this host stand with a scope.</summary>
internal sealed class Standings(XdsHub hub, ProxyBook proxies, TimeProvider clock)
{
    // So that the same instant is told the same whenever it is asked for.
    private readonly (DateTimeOffset Time, long Timestamp) _began = (clock.GetUtcNow(), clock.GetTimestamp());

    /// <summary>
    /// Those that use the scope and do not route by what there is now, or have not shown since that they have let go of the pools without weight.
    /// Costs the streams that follow the scope.
    /// </summary>
    public IEnumerable<BehindNote> Behind(string scope)
    {
        if (hub.Current.Scopes.GetValueOrDefault(scope) is not { } entry)
        {
            return [];
        }

        // A proxy that has come back before its old stream was found dead is what its new stream is.
        return from stream in hub.Followers(scope)
               group stream by stream.Proxy.Name into streams
               let note = Note(scope, streams.MaxBy(stream => stream.OpenedAt)!, entry)
               where note is not null
               select note;
    }

    private BehindNote? Note(string scope, XdsStream stream, ScopeEntry entry) => stream.StandingOf(scope, entry) switch
    {
        null => null,
        { Stage: Stage.Waiting } it => new(scope, new(stream.Proxy.Name, ProxyStage.Waiting, it.Since, it.Detail), null),
        { Stage: Stage.Rejected } it => new(scope, new(stream.Proxy.Name, ProxyStage.Rejected, it.Since, it.Detail), null),
        var it => Busy(scope, stream.Proxy.Name, it.AckedAt, entry),
    };

    private BehindNote? Busy(string scope, string proxy, long ackedAt, ScopeEntry entry)
    {
        var report = proxies.LastReport(proxy);
        if (report is null || report.BeganAt < ackedAt)
        {
            return Note("it has not reported a full interval since it acknowledged", null);
        }

        // Pools that serve are busy by right; of the others somebody may wait to see them idle.
        var serving = entry.Scope.Pools.Where(pool => pool.Weight > 0).Select(pool => pool.Pool).ToHashSet();
        var busy = report.Pools.Where(load => (load.InFlight > 0 || load.Issued > 0) && !serving.Contains(load.Pool)).ToList();
        return busy.Count == 0
            ? null
            : Note($"{busy.Sum(load => load.InFlight)} requests in flight to pools that it has left", [.. busy.Select(load => load.Pool)]);

        BehindNote Note(string detail, IReadOnlyList<PoolId>? pools) =>
            new(scope, new(proxy, ProxyStage.Busy, _began.Time + clock.GetElapsedTime(_began.Timestamp, ackedAt), detail), pools);
    }
}
