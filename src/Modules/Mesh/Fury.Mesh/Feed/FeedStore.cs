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
        select 'revision' as kind, null::text as scope, null::uuid as pool, value as revision, null::text as body, null::text as location,
               false as retired
          from mesh.revision
        union all
        select 'table', scope, null, revision, pools::text, null, false
          from mesh.routing_table
         where revision > @seen
        union all
        select 'pool', scope, id, revision, endpoints::text, location, retired_at is not null
          from mesh.pool
         where revision > @seen
        union all
        select 'policy', scope, null, revision, jsonb_build_object('policy', body, 'holds', holds)::text, null, false
          from mesh.policy
         where revision > @seen
        union all
        select 'dependency', scope, null, revision, to_json(declared || seen)::text, null, false
          from mesh.dependency
         where revision > @seen
        """;

    /// <summary>Everything that has changed after a revision, up to the one that is returned; -1 for all there is.</summary>
    public async Task<RoutingChanges> Since(long seen, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = (await connection.QueryAsync<Row>(
            new CommandDefinition(SinceSql, new { seen }, cancellationToken: cancellation))).ToList();
        var kinds = rows.ToLookup(row => row.Kind);
        return new(
            kinds["revision"].Single().Revision,
            [.. kinds["table"].Select(row => new TableChange(row.ScopeRef, Read<List<PoolWeight>>(row)))],
            [.. kinds["pool"].Select(row =>
                new PoolChange(PoolId.From(row.Pool!.Value), row.ScopeRef, row.Location!, Read<List<Endpoint>>(row), row.Retired))],
            [.. from row in kinds["policy"] let read = Read<Treatment>(row) select new PolicyChange(row.ScopeRef, read.Policy, read.Holds)],
            [.. kinds["dependency"].Select(row => new DependencyChange(row.ScopeRef, [.. Read<List<string>>(row).Distinct().Select(ScopeRef.Parse)]))]);
    }

    private static T Read<T>(Row row) => JsonSerializer.Deserialize<T>(row.Body!, FuryJson.Options)!;

    private sealed record Treatment(TrafficPolicy Policy, bool Holds);

    private sealed record Row(string Kind, string? Scope, Guid? Pool, long Revision, string? Body, string? Location, bool Retired)
    {
        public ScopeRef ScopeRef => ScopeRef.Parse(Scope!);
    }
}
