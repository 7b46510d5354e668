using Dapper;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Feed;

namespace Fury.Mesh.Dependencies;

/// <summary>What a scope calls.</summary>
/// <param name="Declared">As its owners say.</param>
/// <param name="Seen">As its proxies have asked for, beside those.</param>
internal sealed record Dependencies(IReadOnlyList<string> Declared, IReadOnlyList<string> Seen)
{
    public static Dependencies None { get; } = new([], []);
}

internal sealed class DependencyStore(IDatabase database, IWake wake)
{
    /// <summary>A scope that calls more is a gateway, whose proxies ask for what they need by name.</summary>
    public const int PerScopeMax = 1000;

    private const string FindSql = """
        select declared, array(select unnest(seen) except select unnest(declared)) as seen
          from mesh.dependency
         where scope = @scope
        """;

    public async Task<Dependencies> Find(ScopeRef scope, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(FindSql, new { scope }, cancellationToken: cancellation));
        return row is null ? Dependencies.None : new(InOrder(row.Declared), InOrder(row.Seen));
    }

    private const string DeclareSql = """
        with next as (update mesh.revision set value = value + 1 returning value)
        insert into mesh.dependency (scope, revision, declared)
        select @scope, next.value, @declared from next
            on conflict (scope) do update
           set revision = excluded.revision,
               declared = excluded.declared,
               seen = case when @forget then '{}' else mesh.dependency.seen end
        """;

    /// <summary>Replaces what is declared, whole; with <paramref name="forget"/> also lets go of what was seen.</summary>
    public Task Declare(ScopeRef scope, IReadOnlyList<ScopeRef> on, bool forget, CancellationToken cancellation) =>
        Write(DeclareSql, new { scope, declared = on.Select(each => $"{each}").Distinct().ToArray(), forget }, cancellation);

    // Only what is new takes a revision.
    private const string SeenSql = """
        with news as (
            select array(select unnest(@seen)
                         except
                         select unnest(declared || seen) from mesh.dependency where scope = @scope
                         limit greatest(0, @most - coalesce((select cardinality(seen) from mesh.dependency where scope = @scope), 0))) as names
        ), next as (
            update mesh.revision set value = value + 1 where (select cardinality(names) from news) > 0 returning value
        )
        insert into mesh.dependency (scope, revision, seen)
        select @scope, next.value, news.names from next, news
            on conflict (scope) do update set revision = excluded.revision, seen = mesh.dependency.seen || excluded.seen
        """;

    /// <summary>A proxy of the scope has asked for these.</summary>
    public Task Saw(ScopeRef scope, IReadOnlyList<ScopeRef> on, CancellationToken cancellation) =>
        Write(SeenSql, new { scope, seen = on.Select(each => $"{each}").ToArray(), most = PerScopeMax }, cancellation);

    private async Task Write(string sql, object row, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        if (await connection.ExecuteAsync(new CommandDefinition(sql, row, cancellationToken: cancellation)) > 0)
        {
            wake.Reconciler(FeedReconciler.WakeName);
        }
    }

    private static IReadOnlyList<string> InOrder(Array names) => [.. ((string[])names).Order(StringComparer.Ordinal)];

    private sealed record Row(Array Declared, Array Seen);
}
