using System.Text.Json;
using Dapper;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Routing;

internal sealed class RoutingTableStore(IDatabase database)
{
    // The revision's row is locked first, by everyone who changes routes: what is read after it cannot change before the commit.
    private const string LockSql = "select value from mesh.revision for update";

    private const string CurrentSql = """
        select scope, revision, pools::text as pools, fence
          from mesh.routing_table
         where scope = @scope
        """;

    private const string KnownSql = """
        select id as pool, scope, jsonb_array_length(endpoints) as ready
          from mesh.pool
         where id = any(@pools)
        """;

    private const string ReplaceSql = """
        update mesh.revision set value = @revision;

        insert into mesh.routing_table (scope, revision, pools, fence)
        values (@scope, @revision, @pools::jsonb, @fence)
            on conflict (scope) do update
           set revision = excluded.revision,
               pools = excluded.pools,
               fence = excluded.fence,
               published_at = clock_timestamp()
        """;

    /// <summary>
    /// Replaces the scope's table under a new revision, or keeps it and its revision when it is as wished. Checked and written as one: no
    /// endpoint comes or goes between the check of <see cref="RoutingRules"/> and the new table.
    /// </summary>
    public Task<Outcome<RoutingTable>> Publish(
        ScopeRef scope, IReadOnlyList<PoolWeight> wanted, long fence, Action committed, CancellationToken cancellation) =>
        database.Transaction<RoutingTable>(
            async transaction =>
            {
                var connection = transaction.Connection;
                var ids = wanted.Select(entry => entry.Pool.Value).ToArray();
                var revision = await connection.ExecuteScalarAsync<long>(
                    new CommandDefinition(LockSql, null, transaction.Inner, cancellationToken: cancellation));
                await using var seen = await connection.QueryMultipleAsync(new CommandDefinition(
                    $"{CurrentSql}; {KnownSql}", new { scope, pools = ids }, transaction.Inner, cancellationToken: cancellation));
                var current = (await seen.ReadSingleOrDefaultAsync<Row>())?.ToTable() ?? None(scope);
                var known = (await seen.ReadAsync<KnownRow>()).Select(row => row.ToPool()).ToList();
                var move = RoutingRules.Decide(current, wanted, fence, known);
                if (move is PublishMove.Refuse refusal)
                {
                    return refusal.Fault;
                }

                if (move is PublishMove.Keep kept)
                {
                    await Raise(transaction, current, fence, cancellation);
                    return kept.Table;
                }

                var table = new RoutingTable(scope, revision + 1, wanted, fence);
                var row = new { scope, revision = table.Version, pools = JsonSerializer.Serialize(wanted, FuryJson.Options), fence };
                await connection.ExecuteAsync(new CommandDefinition(ReplaceSql, row, transaction.Inner, cancellationToken: cancellation));
                transaction.AfterCommit(committed);
                return table;
            },
            cancellation);

    private const string RaiseSql = "update mesh.routing_table set fence = @fence where scope = @scope";

    /// <summary>A later publisher that wished for the same shuts out the earlier ones all the same.</summary>
    private static async Task Raise(ITransaction transaction, RoutingTable current, long fence, CancellationToken cancellation)
    {
        if (fence > current.Fence)
        {
            await transaction.Connection.ExecuteAsync(new CommandDefinition(
                RaiseSql, new { scope = current.Scope, fence }, transaction.Inner, cancellationToken: cancellation));
        }
    }

    /// <summary>The scope's table; version 0 and no pools when none was ever published.</summary>
    public async Task<RoutingTable> Current(ScopeRef scope, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(CurrentSql, new { scope }, cancellationToken: cancellation));
        return row?.ToTable() ?? None(scope);
    }

    private const string PageSql = """
        select scope, revision, pools::text as pools, fence
          from mesh.routing_table
         where scope > @after
         order by scope
         limit @limit
        """;

    private const string EndpointsSql = """
        select id as pool, location, endpoints::text as endpoints
          from mesh.pool
         where id = any(@pools)
        """;

    /// <summary>Tables in the order of their scopes, with the endpoints of their pools.</summary>
    public async Task<Page<ScopeView>> List(PageQuery page, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            PageSql, new { after = page.After ?? "", limit = page.Limit + 1 }, cancellationToken: cancellation));
        var tables = rows.Select(row => row.ToTable()).ToList();
        var pools = tables.SelectMany(table => table.Pools).Select(entry => entry.Pool.Value).ToArray();
        var found = await connection.QueryAsync<EndpointsRow>(
            new CommandDefinition(EndpointsSql, new { pools }, cancellationToken: cancellation));
        var known = found.ToDictionary(row => PoolId.From(row.Pool), (string, IReadOnlyList<Endpoint>) (row) => (row.Location, row.ToList()));
        return Page<ScopeView>.Of(
            [.. tables.Select(table => ScopeView.Of(table, known))], page.Limit, view => view.Scope.ToString());
    }

    private static RoutingTable None(ScopeRef scope) => new(scope, 0, [], 0);

    private sealed record Row(string Scope, long Revision, string Pools, long Fence)
    {
        public RoutingTable ToTable() =>
            new(ScopeRef.Parse(Scope), Revision, JsonSerializer.Deserialize<List<PoolWeight>>(Pools, FuryJson.Options)!, Fence);
    }

    private sealed record KnownRow(Guid Pool, string Scope, int Ready)
    {
        public KnownPool ToPool() => new(PoolId.From(Pool), ScopeRef.Parse(Scope), Ready);
    }

    private sealed record EndpointsRow(Guid Pool, string Location, string Endpoints)
    {
        public List<Endpoint> ToList() => JsonSerializer.Deserialize<List<Endpoint>>(Endpoints, FuryJson.Options)!;
    }
}
