using System.Text.Json;
using Dapper;
using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Registry;

/// <summary>Registered clusters in PostgreSQL. Every member is atomic.</summary>
internal sealed class ClusterStore(IDatabase database)
{
    private const string Columns = "facts::text as facts, access::text as access, revision";

    // The lock lets one writer in after the other, so that a revision that is read means that all lower ones were, too.
    private const string LockSql = "lock table serverless.cluster in share row exclusive mode";

    private const string PutSql = """
        insert into serverless.cluster (name, facts, access, revision)
        values (@name, @facts::jsonb, @access::jsonb, nextval('serverless.cluster_revision'))
        on conflict (name) do update
           set facts = excluded.facts, access = excluded.access, revision = excluded.revision
         where (cluster.facts, cluster.access) is distinct from (excluded.facts, excluded.access)
        """;

    private const string RemoveSql = """
        delete from serverless.cluster
         where name = @name
           and not exists (
               select from serverless.pool
                where shares @> jsonb_build_array(jsonb_build_object('cluster', @name)) and phase <> 'retired')
           and not exists (select from serverless.run where cluster = @name and not clean)
        """;

    private const string FindSql = $"select {Columns} from serverless.cluster where name = @name";

    private const string ListSql = $"select {Columns} from serverless.cluster order by name collate \"C\"";

    /// <summary>Registers the cluster, or changes what is known of it; the same again changes nothing.</summary>
    public async Task<RegisteredCluster> Put(Cluster cluster, ClusterAccess access, CancellationToken cancellation)
    {
        var put = await database.Transaction<RegisteredCluster>(
            async tx =>
            {
                await tx.Connection.ExecuteAsync(LockSql, transaction: tx.Inner);
                var row = new { name = cluster.Name, facts = Write(cluster), access = Write(access) };
                await tx.Connection.ExecuteAsync(PutSql, row, tx.Inner);
                return (await tx.Connection.QuerySingleAsync<Row>(FindSql, new { name = cluster.Name }, tx.Inner)).Read();
            },
            cancellation);
        return put.Value;
    }

    /// <summary>Sets where it is in its life, whatever else is said of it meanwhile. One that is not known is a success.</summary>
    public async Task SetPhase(string name, ClusterPhase phase, CancellationToken cancellation)
    {
        await database.Transaction<bool>(
            async tx =>
            {
                await tx.Connection.ExecuteAsync(LockSql, transaction: tx.Inner);
                if (await tx.Connection.QuerySingleOrDefaultAsync<Row>(FindSql, new { name }, tx.Inner) is { } row)
                {
                    var known = row.Read();
                    var changed = new { name, facts = Write(known.Cluster with { Phase = phase }), access = Write(known.Access) };
                    await tx.Connection.ExecuteAsync(PutSql, changed, tx.Inner);
                }

                return true;
            },
            cancellation);
    }

    /// <summary>
    /// Forgets the cluster; one that is not known is a success, one in which pools or runs have replicas a <see cref="FaultKind.Conflict"/>.
    /// </summary>
    public async Task<Outcome> Remove(string name, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(RemoveSql, new { name }, cancellationToken: cancellation));
        return await Find(name, cancellation) is null
            ? Outcome.Ok
            : Fault.Conflict($"Cluster '{name}' still has replicas of pools or runs. Drain it first.");
    }

    public async Task<RegisteredCluster?> Find(string name, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(FindSql, new { name }, cancellationToken: cancellation));
        return row?.Read();
    }

    /// <summary>All of them, by name.</summary>
    public async Task<IReadOnlyList<RegisteredCluster>> List(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition(ListSql, cancellationToken: cancellation))).Select(row => row.Read())];
    }

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, FuryJson.Options);

    private sealed record Row(string Facts, string Access, long Revision)
    {
        public RegisteredCluster Read() => new(
            JsonSerializer.Deserialize<Cluster>(Facts, FuryJson.Options)!,
            JsonSerializer.Deserialize<ClusterAccess>(Access, FuryJson.Options)!,
            Revision);
    }
}
