using System.Text.Json;
using Dapper;
using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Npgsql;

namespace Fury.Mesh.Endpoints;

internal sealed class EndpointStore
{
    /// <summary>Pools whose news are written at once.</summary>
    private const int PoolsPerWriteMax = 200;

    private const string KnownSql = """
        select id, pool_revision, endpoints::text as endpoints, retired_at is not null as retired
          from mesh.pool
         where id = any(@ids)
        """;

    // News that touches no endpoint moves the engine's number alone: no revision, and nothing for any proxy to apply.
    private const string NoteSql = """
        update mesh.pool
           set pool_revision = new.pool_revision
          from unnest(@ids, @poolRevisions, @knownRevisions) as new (id, pool_revision, known_revision)
         where pool.id = new.id and pool.pool_revision = new.known_revision
        returning pool.id
        """;

    // The revision's row is locked by its update before the pools' rows are looked at again, as in a publication.
    private const string KeepSql = """
        with next as (update mesh.revision set value = value + 1 returning value)
        insert into mesh.pool (id, scope, location, pool_revision, revision, endpoints, retired_at)
        select new.id, new.scope, new.location, new.pool_revision, next.value, new.endpoints::jsonb, case when new.retired then clock_timestamp() end
          from next, unnest(@ids, @scopes, @locations, @poolRevisions, @endpoints, @retired)
               as new (id, scope, location, pool_revision, endpoints, retired)
            on conflict (id) do update
           set pool_revision = excluded.pool_revision,
               revision = excluded.revision,
               location = excluded.location,
               endpoints = excluded.endpoints,
               retired_at = excluded.retired_at
         where mesh.pool.pool_revision < excluded.pool_revision
        returning id
        """;

    private readonly IDatabase _database;
    private readonly GroupCommit<News, bool> _keeping;

    public EndpointStore(IDatabase database) => (_database, _keeping) = (database, new(Keep, PoolsPerWriteMax));

    /// <summary>
    /// Keeps the pool's endpoints under a new revision, and says whether there was anything to change. News of an older or the same
    /// revision of the pool changes nothing.
    /// </summary>
    public Task<bool> Keep(PoolState pool, IReadOnlyList<Endpoint> endpoints, CancellationToken cancellation) =>
        _keeping.Add(new(pool, endpoints), cancellation);

    private async Task<IReadOnlyList<bool>> Keep(IReadOnlyList<News> group, CancellationToken cancellation)
    {
        await using var connection = await _database.Open(cancellation);
        var newest = group.GroupBy(news => news.Pool.Id).Select(pool => pool.MaxBy(news => news.Pool.Revision)!).ToList();
        var known = (await connection.QueryAsync<Row>(new CommandDefinition(KnownSql, new { ids = Ids(newest) }, cancellationToken: cancellation)))
            .ToDictionary(row => PoolId.From(row.Id));
        var isNew = newest.Where(news => !(known.GetValueOrDefault(news.Pool.Id)?.PoolRevision >= news.Pool.Revision)).ToList();
        var same = isNew.Where(news => known.GetValueOrDefault(news.Pool.Id)?.Says(news) == true).ToList();
        var noted = await Note(connection, same, known, cancellation);
        var kept = await Write(connection, [.. isNew.Where(news => !noted.Contains(news.Pool.Id.Value))], cancellation);
        return [.. group.Select(news => kept.Contains(news.Pool.Id.Value))];
    }

    private static async Task<HashSet<Guid>> Note(
        NpgsqlConnection connection, List<News> news, Dictionary<PoolId, Row> known, CancellationToken cancellation)
    {
        if (news.Count == 0)
        {
            return [];
        }

        var rows = new { ids = Ids(news), poolRevisions = Revisions(news), knownRevisions = news.Select(one => known[one.Pool.Id].PoolRevision).ToArray() };
        return [.. await connection.QueryAsync<Guid>(new CommandDefinition(NoteSql, rows, cancellationToken: cancellation))];
    }

    private static async Task<HashSet<Guid>> Write(NpgsqlConnection connection, List<News> news, CancellationToken cancellation)
    {
        if (news.Count == 0)
        {
            return [];
        }

        var rows = new
        {
            ids = Ids(news),
            scopes = news.Select(one => $"{one.Pool.Spec.Release.Scope}").ToArray(),
            locations = news.Select(one => $"{one.Pool.Spec.Location}").ToArray(),
            poolRevisions = Revisions(news),
            endpoints = news.Select(one => JsonSerializer.Serialize(one.Endpoints, FuryJson.Options)).ToArray(),
            retired = news.Select(one => one.IsRetired).ToArray(),
        };
        return [.. await connection.QueryAsync<Guid>(new CommandDefinition(KeepSql, rows, cancellationToken: cancellation))];
    }

    private static Guid[] Ids(List<News> news) => [.. news.Select(one => one.Pool.Id.Value)];

    private static long[] Revisions(List<News> news) => [.. news.Select(one => one.Pool.Revision)];

    private sealed record News(PoolState Pool, IReadOnlyList<Endpoint> Endpoints)
    {
        public bool IsRetired => Pool.Phase == PoolPhase.Retired;
    }

    private sealed record Row(Guid Id, long PoolRevision, string Endpoints, bool Retired)
    {
        public bool Says(News news) =>
            Retired == news.IsRetired && JsonSerializer.Deserialize<List<Endpoint>>(Endpoints, FuryJson.Options)!.SequenceEqual(news.Endpoints);
    }
}
