using System.Text.Json;
using Dapper;
using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Endpoints;

internal sealed class EndpointStore(IDatabase database)
{
    private const string KnownSql = """
        select pool_revision, endpoints::text as endpoints, retired_at is not null as retired
          from mesh.pool
         where id = @id
        """;

    // News that touches no endpoint moves the engine's number alone: no revision, and nothing for any proxy to apply.
    private const string NoteSql = """
        update mesh.pool
           set pool_revision = @poolRevision
         where id = @id and pool_revision = @knownRevision
        """;

    // The revision's row is locked by its update before the pool's row is looked at again, as in a publication.
    private const string KeepSql = """
        with next as (update mesh.revision set value = value + 1 returning value)
        insert into mesh.pool (id, scope, location, pool_revision, revision, endpoints, retired_at)
        select @id, @scope, @location, @poolRevision, next.value, @endpoints::jsonb, case when @retired then clock_timestamp() end
          from next
            on conflict (id) do update
           set pool_revision = excluded.pool_revision,
               revision = excluded.revision,
               location = excluded.location,
               endpoints = excluded.endpoints,
               retired_at = excluded.retired_at
         where mesh.pool.pool_revision < excluded.pool_revision
        """;

    /// <summary>
    /// Keeps the pool's endpoints under a new revision, and says whether there was anything to change. News of an older or the same
    /// revision of the pool changes nothing.
    /// </summary>
    public async Task<bool> Keep(PoolState pool, IReadOnlyList<Endpoint> endpoints, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var known = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(KnownSql, new { id = pool.Id }, cancellationToken: cancellation));
        if (known is not null && known.PoolRevision >= pool.Revision)
        {
            return false;
        }

        var retired = pool.Phase == PoolPhase.Retired;
        var row = new
        {
            id = pool.Id,
            scope = pool.Spec.Release.Scope,
            location = pool.Spec.Location.ToString(),
            poolRevision = pool.Revision,
            endpoints = JsonSerializer.Serialize(endpoints, FuryJson.Options),
            retired,
            knownRevision = known?.PoolRevision,
        };
        if (known is not null
            && known.Retired == retired
            && known.ToList().SequenceEqual(endpoints)
            && await connection.ExecuteAsync(new CommandDefinition(NoteSql, row, cancellationToken: cancellation)) > 0)
        {
            return false;
        }

        return await connection.ExecuteAsync(new CommandDefinition(KeepSql, row, cancellationToken: cancellation)) > 0;
    }

    private sealed record Row(long PoolRevision, string Endpoints, bool Retired)
    {
        public List<Endpoint> ToList() => JsonSerializer.Deserialize<List<Endpoint>>(Endpoints, FuryJson.Options)!;
    }
}
