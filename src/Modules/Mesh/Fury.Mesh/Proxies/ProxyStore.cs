using Dapper;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Proxies;

/// <summary>What a host puts on record at once.</summary>
internal sealed record HostNews(long Revision, IReadOnlyList<ScopeNews> Behind, IReadOnlyList<ProxyNote> Proxies, IReadOnlyList<Counted> Traffic);

internal sealed class ProxyStore(IDatabase database, INode node)
{
    /// <summary>A host that has said nothing for longer is dead, and its proxies are where they were when it was last heard.</summary>
    public static readonly TimeSpan HostLiveBound = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a proxy that has gone is waited for: it may still route by what it had. It is longer than any client's backoff between its attempts
    /// to come back (gRPC 120 s at most, Envoy 30 s), unless it belongs to a replica that lives, which is waited for without end.
    /// </summary>
    public static readonly TimeSpan GoneBound = TimeSpan.FromSeconds(150);

    // A proxy that has come to another host meanwhile is that host's to tell of.
    private const string ProxySql = """
        insert into mesh.proxy (name, node, incarnation, caller, agent, scopes, connected_at, left_at)
        values (@Name, @node, @incarnation, @Caller, @Agent, @Scopes, @ConnectedAt, case when @IsConnected then null else clock_timestamp() end)
            on conflict (name) do update
           set node = excluded.node,
               incarnation = excluded.incarnation,
               caller = excluded.caller,
               agent = excluded.agent,
               scopes = excluded.scopes,
               connected_at = excluded.connected_at,
               left_at = excluded.left_at
         where excluded.left_at is null or mesh.proxy.incarnation = excluded.incarnation
        """;

    private const string HostSql = """
        insert into mesh.host (node, incarnation, heard_at, revision)
        values (@node, @incarnation, clock_timestamp(), @revision)
            on conflict (node) do update
           set incarnation = excluded.incarnation,
               heard_at = excluded.heard_at,
               revision = excluded.revision
        """;

    private const string BehindSql = """
        with settled as (
            delete from mesh.behind where node = @node and scope in (select scope from unnest(@scopes, @notes) as new (scope, notes) where notes is null)
        )
        insert into mesh.behind (scope, node, incarnation, notes)
        select scope, @node, @incarnation, notes::jsonb from unnest(@scopes, @notes) as new (scope, notes) where notes is not null
            on conflict (scope, node) do update set incarnation = excluded.incarnation, notes = excluded.notes
        """;

    /// <summary>As one, so that whoever reads that a proxy has applied a version also reads what was in flight by then.</summary>
    public Task Write(HostNews news, CancellationToken cancellation) => database.Transaction<bool>(
        async transaction =>
        {
            var (connection, inner) = (transaction.Connection, transaction.Inner);
            await TrafficStore.Write(transaction, news.Traffic, cancellation);
            if (news.Proxies.Count > 0)
            {
                var rows = news.Proxies.Select(note => new
                {
                    note.Name,
                    note.Caller,
                    note.Agent,
                    Scopes = note.Scopes.ToArray(),
                    note.ConnectedAt,
                    note.IsConnected,
                    node = node.Name,
                    incarnation = node.Incarnation,
                });
                await connection.ExecuteAsync(new CommandDefinition(ProxySql, rows, inner, cancellationToken: cancellation));
            }

            var host = new
            {
                node = node.Name,
                incarnation = node.Incarnation,
                revision = news.Revision,
                scopes = news.Behind.Select(one => one.Scope).ToArray(),
                notes = news.Behind.Select(one => one.Notes).ToArray(),
            };
            var sql = news.Behind.Count > 0 ? $"{BehindSql};{HostSql}" : HostSql;
            await connection.ExecuteAsync(new CommandDefinition(sql, host, inner, cancellationToken: cancellation));
            return true;
        },
        cancellation);

    // The node is ours alone, so whatever was connected to an earlier process of it is not any more.
    private const string BeginSql = """
        update mesh.proxy set left_at = clock_timestamp() where node = @node and incarnation <> @incarnation and left_at is null;
        delete from mesh.behind where node = @node and incarnation <> @incarnation
        """;

    public Task Begin(CancellationToken cancellation) => Execute(BeginSql, cancellation);

    private const string EndSql = """
        delete from mesh.host where node = @node and incarnation = @incarnation;
        delete from mesh.behind where node = @node and incarnation = @incarnation
        """;

    /// <summary>This host stops: nobody needs to wait for it.</summary>
    public Task End(CancellationToken cancellation) => Execute(EndSql, cancellation);

    /// <summary>After a restart of the database nobody could give a sign of life for a while, so every host gets the bound once more.</summary>
    public const string IsLive = """
        host.heard_at > clock_timestamp() - @live or pg_postmaster_start_time() > clock_timestamp() - @live
        """;

    private const string HostsSql = $"""
        select host.node, host.revision, host.heard_at, behind.notes::text as notes
          from mesh.host
          left join mesh.behind on behind.node = host.node and behind.incarnation = host.incarnation and behind.scope = @scope
         where host.node <> @node and ({IsLive})
        """;

    // Those that are connected are their host's to tell of. A replica that is ready has a proxy that sends, whatever we hear of it.
    private const string GoneSql = $"""
        select proxy.name, proxy.node, coalesce(proxy.left_at, host.heard_at, proxy.connected_at) as gone_at
          from mesh.proxy
          left join mesh.host on host.node = proxy.node and host.incarnation = proxy.incarnation
         where proxy.scopes @> array[@scope]
           and (proxy.left_at is not null or host.node is null or not ({IsLive}))
           and (coalesce(proxy.left_at, host.heard_at, proxy.connected_at) > clock_timestamp() - @gone
                or exists (select from mesh.pool where pool.endpoints @> jsonb_build_array(jsonb_build_object('replica', proxy.name))))
         order by proxy.name
        """;

    /// <summary>
    /// Who holds the scope up beyond this host's proxies: other hosts' proxies, hosts that have not loaded the version, proxies that have gone.
    /// </summary>
    public async Task<IReadOnlyList<ProxyState>> Behind(string scope, PoolId? pool, long version, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var hosts = await connection.QueryAsync<HostRow>(
            new CommandDefinition(HostsSql, new { node = node.Name, scope, live = HostLiveBound }, cancellationToken: cancellation));
        List<ProxyState> behind = [];
        foreach (var host in hosts)
        {
            if (host.Revision < version)
            {
                behind.Add(new($"host {host.Node}", ProxyStage.Waiting, host.HeardAt, $"it has loaded revision {host.Revision}"));
            }

            behind.AddRange(from note in BehindNote.Read(host.Notes) where note.Holds(pool) select note.Proxy);
        }

        var gone = await connection.QueryAsync<GoneRow>(
            new CommandDefinition(GoneSql, new { scope, live = HostLiveBound, gone = GoneBound }, cancellationToken: cancellation));
        behind.AddRange(gone.Select(row =>
            new ProxyState(row.Name, ProxyStage.Disconnected, row.GoneAt, $"it was last connected to host {row.Node} and may route by what it had")));
        return behind;
    }

    private const string ForgetSql = "delete from mesh.proxy where name = @name and left_at is not null";

    /// <summary>An operator knows that it is gone for good. False when it is connected, or not known.</summary>
    public async Task<bool> Forget(string name, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(ForgetSql, new { name }, cancellationToken: cancellation)) > 0;
    }

    public async Task<RecordedProxy?> Find(string name, CancellationToken cancellation) =>
        (await List(new(name, 1), from: true, cancellation)) is [var found, ..] && found.Name == name ? found : null;

    private const string ListSql = $"""
        select proxy.name, proxy.node, proxy.caller, proxy.agent, proxy.scopes, proxy.connected_at,
               case when proxy.left_at is null and ({IsLive}) then null else coalesce(proxy.left_at, host.heard_at, proxy.connected_at) end as left_at
          from mesh.proxy
          left join mesh.host on host.node = proxy.node and host.incarnation = proxy.incarnation
         where proxy.name > @after or (@from and proxy.name = @after)
         order by proxy.name
         limit @limit
        """;

    /// <summary>Proxies in the order of their names.</summary>
    public Task<IReadOnlyList<RecordedProxy>> List(PageQuery page, CancellationToken cancellation) => List(page, from: false, cancellation);

    private async Task<IReadOnlyList<RecordedProxy>> List(PageQuery page, bool from, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<ProxyRow>(new CommandDefinition(
            ListSql, new { after = page.After ?? "", from, live = HostLiveBound, limit = page.Limit + 1 }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToProxy())];
    }

    private async Task Execute(string sql, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(sql, new { node = node.Name, incarnation = node.Incarnation }, cancellationToken: cancellation));
    }

    private sealed record HostRow(string Node, long Revision, DateTime HeardAt, string? Notes);

    private sealed record GoneRow(string Name, string Node, DateTime GoneAt);

    private sealed record ProxyRow(
        string Name, string Node, string Caller, string Agent, Array Scopes, DateTime ConnectedAt, DateTime? LeftAt)
    {
        public RecordedProxy ToProxy() => new(Name, Node, Caller, Agent, (string[])Scopes, ConnectedAt, LeftAt);
    }
}

/// <summary>A proxy on record.</summary>
/// <param name="LeftAt">Null while it is connected.</param>
internal sealed record RecordedProxy(
    string Name, string Node, string Caller, string Agent, IReadOnlyList<string> Scopes, DateTimeOffset ConnectedAt, DateTimeOffset? LeftAt);
