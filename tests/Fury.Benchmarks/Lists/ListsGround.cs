using System.Globalization;
using System.Text.Json;
using Fury.Benchmarks.Monster;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Benchmarks.Lists;

/// <summary>
/// A platform that has been used for years, put on record directly, in the modules' own tables: each application has 2 scopes, 4.33 replicas, 33.33
/// deployments that have ended, 10 lines in the audit trail and 10 sagas. It grows by ranges of applications.
/// </summary>
internal static class ListsGround
{
    public const int Applications = 30_000;
    public const int Teams = 300;

    /// <summary>Letters, so that names begin, and hold, what people type.</summary>
    private const string NameSql = """
        (array['billing', 'booking', 'catalogue', 'checkout', 'customer', 'delivery', 'invoice', 'loyalty', 'orders', 'payments', 'pricing', 'returns',
               'search', 'seller', 'shipping', 'stock', 'support', 'tax', 'tracking', 'wallet'])[1 + app % 20]
        || '-' || (array['api', 'backend', 'batch', 'consumer', 'events', 'frontend', 'gateway', 'service', 'store', 'worker'])[1 + app / 20 % 10]
        || '-' || app
        """;

    private const string TeamSql = "'team-' || (app::bigint * 48271 % 65537 % 300)";

    private const string CatalogSql = $$"""
        create table if not exists public.bench_app (app int primary key, name text not null, team text not null);

        insert into public.bench_app select app, {{NameSql}}, {{TeamSql}} from generate_series(@from, @to - 1) as app;

        insert into catalog.application (name, team, criticality, revision, created_at)
        select name, team, (array['low', 'medium', 'high', 'critical'])[1 + app % 4], 1, now() from public.bench_app where app >= @from;

        insert into catalog.scope (
            application, name, compute, criticality, workload, cpu_millis, memory_mib, min_replicas, max_replicas, environment, health_path, revision,
            created_at)
        select name, scope, 'standard', (array['low', 'medium', 'high', 'critical'])[1 + app % 4], 'web', 500, 512, 2, 10, '{"LEVEL": "info"}', '/health',
               1, now()
          from public.bench_app, unnest(array['production-web', 'staging-web']) as scope
         where app >= @from;
        """;

    // A scope's pool has its number as id; one in six has a third replica. The revision is told, so that hosts read them once.
    private const string ReplicasSql = """
        update mesh.revision set value = value + 1;

        with pool as (
            select app * 2 + part as number, name || '/' || (array['production-web', 'staging-web'])[1 + part] as scope
              from public.bench_app, generate_series(0, 1) as part
             where app >= @from),
        full_pool as (
            select lpad(to_hex(number), 32, '0')::uuid as id, scope, number,
                   (select jsonb_agg(jsonb_build_object(
                               'replica', lpad(to_hex(number * 4 + one), 32, '0')::uuid, 'address', '10.1.' || number / 250 % 250 || '.' || number % 250,
                               'port', 8080 + one))
                      from generate_series(1, case when number % 6 = 0 then 3 else 2 end) as one) as endpoints
              from pool),
        kept as (
            insert into mesh.pool (id, scope, location, pool_revision, revision, endpoints)
            select id, scope, 'local/this-machine/instances', 1, value, endpoints from full_pool, mesh.revision)
        insert into mesh.routing_table (scope, revision, pools, fence)
        select scope, value, jsonb_build_array(jsonb_build_object('pool', id, 'weight', 100)), 1 from full_pool, mesh.revision;
        """;

    // Ids are ordered by time, as those of the platform are.
    private const string DeploymentsSql = """
        insert into deployments.deployment (
            id, application, scope, shard, strategy, phase, release, revision, state, created_at, ended_at)
        select id, name, scope, number % 64, 'canary', phase, '00000000deadbeef', 25,
               @state::jsonb || jsonb_build_object(
                   'id', id, 'scope', jsonb_build_object('application', name, 'scope', scope), 'createdAt', at, 'endedAt', at + interval '40 minutes',
                   'phase', phase),
               at, at + interval '40 minutes'
          from (select (lpad(to_hex(1700000000000 + number::bigint * 20000), 12, '0') || '70008000' || lpad(to_hex(number), 12, '0'))::uuid as id,
                       number, @from + number % (@to - @from) as app, (array['production-web', 'staging-web'])[1 + number % 2] as scope,
                       case when number % 33 = 0 then 'rolled-back' else 'done' end as phase,
                       timestamptz '2023-11-14 22:13:20Z' + number * interval '20 seconds' as at
                  from generate_series(@from * 100 / 3, @to * 100 / 3 - 1) as number) as made
          join public.bench_app using (app);
        """;

    private const string RecordsSql = """
        insert into access.audit (seq, at, caller, via, from_where, method, route, path, application, scope, permission, denied, status, why, hash)
        select coalesce((select max(seq) from access.audit), 0) + number, now() - interval '1 day' + number * interval '1 ms', 'person-' || number % 500,
               'user', '10.0.0.1', 'POST', 'api/v1/applications/{application}/scopes/{scope}/deployments',
               '/api/v1/applications/' || name || '/scopes/production-web/deployments', name, 'production-web', 'deploy', number % 50 = 0,
               case when number % 50 = 0 then 403 else 201 end, 'It is developer by the grant for owners at organisation.', sha256(number::text::bytea)
          from (select number, @from + number % (@to - @from) as app from generate_series(1, (@to - @from) * 10) as number) as made
          join public.bench_app using (app);

        insert into lm.done (id, key, def, ver, outcome, started_at, deadline, step, attempt, input, data)
        select app::bigint * 10 + part, 'pool/' || name, (select min(def) from lm.definition), 1, 7, now(), now() + interval '1 hour', 2, 1, '', ''
          from public.bench_app, generate_series(1, 10) as part
         where app >= @from;
        """;

    private const string TidySql = """
        vacuum (analyze) catalog.application, catalog.scope, deployments.deployment, mesh.pool, mesh.routing_table, access.audit, lm.done
        """;

    /// <summary>The host runs already: it has made the tables, and knows its sagas.</summary>
    /// <param name="from">The number of the first application.</param>
    /// <param name="to">The number after the last one.</param>
    public static async Task Fill(Database database, int from, int to, CancellationToken stop)
    {
        foreach (var sql in new[] { CatalogSql, ReplicasSql, DeploymentsSql, RecordsSql })
        {
            // Values of ours stand in the text, since a script of several commands takes no parameters of which each uses only some.
            await database.Execute(
                "set synchronous_commit = off; " + sql.Replace("@from", Text(from), StringComparison.Ordinal)
                    .Replace("@to", Text(to), StringComparison.Ordinal).Replace("@state", $"'{State()}'", StringComparison.Ordinal),
                stop);
        }

        await database.Execute(TidySql, stop);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A canary of one location that has ended, as it is kept.</summary>
    public static string State()
    {
        var policy = Policies.DefaultOf(Strategy.Canary);
        var (old, candidate) = (Pool("1.0.0", 1), Pool("1.1.0", 2));
        Lane[] lanes = [new(old, candidate)];
        var record = new DeploymentRecord(
            DeploymentId.From(Guid.Empty), ScopeRef.Parse("shop/production-web"), Strategy.Canary, policy, candidate.Release, candidate.Version, candidate.Id,
            DateTimeOffset.UnixEpoch)
        {
            Reason = "The old pool is gone.",
            AskedBy = "person-7",
            Revision = 25,
            Team = "team-1",
            Lanes = lanes,
            Cells = Cells.Of(Strategy.Canary, policy, [], lanes).Value,
            Cell = 4,
            TableVersion = 7,
            ReadyMost = 2,
            Serving = [candidate],
        };
        return JsonSerializer.Serialize(record, FuryJson.Options).Replace("'", "''", StringComparison.Ordinal);
    }

    private static PoolPlan Pool(string version, int number) => new(
        PoolId.From(new Guid(number, 1, 1, [0, 0, 0, 0, 0, 0, 0, 1])), ReleaseId.Parse($"{number:x16}"), VersionName.Parse(version), ComputeKind.Standard,
        Planner.FirstLocation, 2, 2, 10);
}
