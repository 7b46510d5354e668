using System.Text.Json;
using Dapper;
using Fury.Compute.Serverless.Clusters;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Watching;

/// <summary>What the one who watches a cluster last saw of its room.</summary>
internal sealed record Sighting(string Cluster, ClusterSeen Seen, DateTimeOffset RenewedAt, long Revision);

/// <summary>Who watches which cluster, what they saw, and what each host's probes met. Every member is atomic; times are the database's.</summary>
internal sealed class WatchStore(IDatabase database, INode node)
{
    private const string BeginSql = """
        insert into serverless.watch (cluster, fence, revision) values (@cluster, @fence, nextval('serverless.watch_revision'))
        on conflict (cluster) do update set fence = excluded.fence where watch.fence <= excluded.fence
        """;

    private const string SeeSql = """
        update serverless.watch
           set seen = @seen::jsonb, seen_at = clock_timestamp(), revision = nextval('serverless.watch_revision')
         where cluster = @cluster and fence = @fence
        """;

    private const string SinceSql = """
        select cluster, seen::text as seen, seen_at, revision from serverless.watch
         where revision > @revision and seen is not null
         order by revision
        """;

    private const string RenewedSql = "select cluster, seen_at from serverless.watch where seen is not null";

    private const string ProbeSql = """
        insert into serverless.probe (cluster, host, at, answered, trouble) values (@cluster, @host, clock_timestamp(), @answered, @trouble)
        on conflict (cluster, host) do update set at = excluded.at, answered = excluded.answered, trouble = excluded.trouble
        """;

    private const string ProbesSql = "select cluster, host, at, answered, trouble from serverless.probe where at > clock_timestamp() - @within";

    /// <summary>From now on whoever watched before is refused. <see cref="FaultKind.Stale"/> when a higher fence has been here.</summary>
    public Task<Outcome> Begin(string cluster, long fence, CancellationToken cancellation) => Write(BeginSql, cluster, new { cluster, fence }, cancellation);

    /// <summary><see cref="FaultKind.Stale"/> when another watches the cluster by now.</summary>
    public Task<Outcome> See(ClusterSeen seen, long fence, CancellationToken cancellation) =>
        Write(SeeSql, seen.Cluster, new { cluster = seen.Cluster, fence, seen = JsonSerializer.Serialize(seen, FuryJson.Options) }, cancellation);

    /// <summary>What was seen since, the newest of each cluster, in order.</summary>
    public async Task<IReadOnlyList<Sighting>> Since(long revision, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<(string Cluster, string Seen, DateTime SeenAt, long Revision)>(
            new CommandDefinition(SinceSql, new { revision }, cancellationToken: cancellation));
        return
        [
            .. from row in rows
               select new Sighting(row.Cluster, JsonSerializer.Deserialize<ClusterSeen>(row.Seen, FuryJson.Options)!, Utc(row.SeenAt), row.Revision),
        ];
    }

    /// <summary>When the one that watches each cluster last heard from it.</summary>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> RenewedAt(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<(string Cluster, DateTime SeenAt)>(new CommandDefinition(RenewedSql, cancellationToken: cancellation));
        return rows.ToDictionary(row => row.Cluster, row => Utc(row.SeenAt));
    }

    /// <summary>What this host has met at the cluster's door.</summary>
    /// <param name="trouble">What keeps this host from hearing of it, in words for people; null when nothing does.</param>
    public async Task Probed(string cluster, bool answered, string? trouble, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(ProbeSql, new { cluster, host = node.Name, answered, trouble }, cancellationToken: cancellation));
    }

    /// <summary>By cluster.</summary>
    public async Task<ILookup<string, Probe>> Probes(TimeSpan within, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<(string Cluster, string Host, DateTime At, bool Answered, string? Trouble)>(
            new CommandDefinition(ProbesSql, new { within }, cancellationToken: cancellation));
        return rows.ToLookup(row => row.Cluster, row => new Probe(row.Host, Utc(row.At), row.Answered, row.Trouble));
    }

    private async Task<Outcome> Write(string sql, string cluster, object parameters, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellation)) > 0
            ? Outcome.Ok
            : Fault.Stale($"Another watches cluster '{cluster}' by now.");
    }

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
