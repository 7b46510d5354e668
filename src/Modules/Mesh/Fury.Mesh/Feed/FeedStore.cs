using System.Text.Json;
using Dapper;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Snapshots;

namespace Fury.Mesh.Feed;

internal sealed class FeedStore(IDatabase database)
{
    // One statement, so one view of the database: the revision and everything up to it.
    private const string SinceSql = """
        select 'revision' as kind, null::text as scope, null::uuid as pool, value as revision, null::text as body, false as retired
          from mesh.revision
        union all
        select 'table', scope, null, revision, pools::text, false
          from mesh.routing_table
         where revision > @seen
        union all
        select 'pool', scope, id, revision, endpoints::text, retired_at is not null
          from mesh.pool
         where revision > @seen
        """;

    /// <summary>Everything that has changed after a revision, up to the one that is returned; -1 for all there is.</summary>
    public async Task<RoutingChanges> Since(long seen, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = (await connection.QueryAsync<Row>(
            new CommandDefinition(SinceSql, new { seen }, cancellationToken: cancellation))).ToList();
        return new(
            rows.Single(row => row.Kind == "revision").Revision,
            [.. from row in rows where row.Kind == "table" select new TableChange(ScopeRef.Parse(row.Scope!), Read<PoolWeight>(row.Body!))],
            [
                .. from row in rows
                   where row.Kind == "pool"
                   select new PoolChange(PoolId.From(row.Pool!.Value), ScopeRef.Parse(row.Scope!), Read<Endpoint>(row.Body!), row.Retired),
            ]);
    }

    private static List<T> Read<T>(string body) => JsonSerializer.Deserialize<List<T>>(body, FuryJson.Options)!;

    private sealed record Row(string Kind, string? Scope, Guid? Pool, long Revision, string? Body, bool Retired);
}
