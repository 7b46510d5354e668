using Dapper;
using Fury.Hosting;
using Npgsql;

namespace Fury.LittleMonster;

/// <summary>The host's own rows: joining, renewing, taking shards and giving them back.</summary>
internal sealed class MembershipStore(IDatabase database)
{
    private const int TimeoutSeconds = 5;

    private const string JoinSql = "select host, space from lm.join(@name, @build, @lease)";

    /// <summary>A new incarnation under a new fencing token; earlier ones of the same name are dead from here on.</summary>
    public async Task<(long Host, Guid Space)> Join(string name, string build, TimeSpan lease, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleAsync<(long, Guid)>(Command(JoinSql, new { name, build, lease }, cancellation));
    }

    private const string PartitionsSql = "select lm.ensure_partitions(7)";

    /// <summary>The partitions of today and the next seven days exist.</summary>
    public async Task EnsurePartitions(CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(Command(PartitionsSql, null, cancellation));
    }

    private const string KeepSql = "select at, hosts, free from lm.keep(@host, @epoch, @lease)";

    /// <summary>Renews the lease, or throws a <see cref="PostgresException"/> with LM001; declares dead who did not renew theirs.</summary>
    public async Task<(DateTime At, int Hosts, int Free)> Keep(HostLease host, TimeSpan lease, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleAsync<(DateTime, int, int)>(
            Command(KeepSql, new { host = host.Host, epoch = host.Epoch, lease }, cancellation));
    }

    private const string ClaimSql = "select lm.claim(@host, @epoch, @max)";

    /// <summary>Takes at most <paramref name="max"/> shards that nobody alive owns.</summary>
    public async Task<short[]> Claim(HostLease host, int max, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<short>(Command(ClaimSql, new { host = host.Host, epoch = host.Epoch, max }, cancellation))];
    }

    private const string GiveUpSql = "update lm.shard set owner = null where shard = @shard and owner = @host";

    /// <summary>The shard is free, if it was this host's.</summary>
    public async Task GiveUp(HostLease host, short shard, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(Command(GiveUpSql, new { shard, host = host.Host }, cancellation));
    }

    private const string LeaveSql = "select lm.leave(@host)";

    /// <summary>Ends this incarnation and frees its shards, in one commit.</summary>
    public async Task Leave(HostLease host, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(Command(LeaveSql, new { host = host.Host }, cancellation));
    }

    private const string NotifySql = "select pg_notify(@channel, @payload)";

    public async Task Notify(string channel, string payload, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(Command(NotifySql, new { channel, payload }, cancellation));
    }

    /// <summary>A connection that hears the given channels, for as long as the caller keeps it.</summary>
    public async Task<NpgsqlConnection> Listen(IReadOnlyList<string> channels, CancellationToken cancellation)
    {
        var connection = await database.Source.OpenConnectionAsync(cancellation);
        foreach (var channel in channels)
        {
            await connection.ExecuteAsync($"listen {channel}");
        }

        return connection;
    }

    private static CommandDefinition Command(string sql, object? parameters, CancellationToken cancellation) =>
        new(sql, parameters, commandTimeout: TimeoutSeconds, cancellationToken: cancellation);
}
