using Dapper;
using Fury.Hosting;
using Npgsql;

namespace Fury.LittleMonster;

/// <summary>The host's own rows: joining, renewing, taking shards and giving them back.</summary>
internal sealed class MembershipStore(IDatabase database) : IMembers
{
    private const int TimeoutSeconds = 5;

    /// <summary>It may read through a large table, and nobody waits for it.</summary>
    private const int ForgetTimeoutSeconds = 600;

    private const string JoinSql = "select host, space from lm.join(@name, @build, @lease)";

    public async Task<(long Host, Guid Space)> Join(string name, string build, TimeSpan lease, CancellationToken cancellation)
    {
        await using var connection = await database.OpenUrgent(cancellation);
        return await connection.QuerySingleAsync<(long, Guid)>(Command(JoinSql, new { name, build, lease }, cancellation));
    }

    private const string PartitionsSql = "select lm.ensure_partitions(7)";

    public async Task EnsurePartitions(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(Command(PartitionsSql, null, cancellation));
    }

    private const string ForgetSql = "select lm.forget(@keep, @rowsMax)";

    public async Task<int> Forget(TimeSpan keep, int rowsMax, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        return await connection.QuerySingleAsync<int>(
            new CommandDefinition(ForgetSql, new { keep, rowsMax }, commandTimeout: ForgetTimeoutSeconds, cancellationToken: cancellation));
    }

    private const string KeepSql = "select at, hosts, free from lm.keep(@host, @epoch, @lease)";

    public Task<(DateTimeOffset At, int Hosts, int Free)> Keep(HostLease host, TimeSpan lease, CancellationToken cancellation) => Fenced(async () =>
    {
        await using var connection = await database.OpenUrgent(cancellation);
        var (at, hosts, free) = await connection.QuerySingleAsync<(DateTime, int, int)>(
            Command(KeepSql, new { host = host.Host, epoch = host.Epoch, lease }, cancellation));
        return (new DateTimeOffset(at), hosts, free);
    });

    private const string ClaimSql = "select fence, shards from lm.claim(@host, @epoch, @max)";

    public Task<short[]> Claim(HostLease host, int max, CancellationToken cancellation) => Fenced(async () =>
    {
        await using var connection = await database.OpenUrgent(cancellation);
        var (fence, shards) = await connection.QuerySingleAsync<(long, short[])>(
            Command(ClaimSql, new { host = host.Host, epoch = host.Epoch, max }, cancellation));
        host.Claimed(fence);
        return shards;
    });

    private const string GiveUpSql = "update lm.shard set owner = null where shard = @shard and owner = @host";

    public async Task GiveUp(HostLease host, short shard, CancellationToken cancellation)
    {
        await using var connection = await database.OpenUrgent(cancellation);
        await connection.ExecuteAsync(Command(GiveUpSql, new { shard, host = host.Host }, cancellation));
    }

    private const string LeaveSql = "select lm.leave(@host)";

    public async Task Leave(HostLease host, CancellationToken cancellation)
    {
        await using var connection = await database.OpenUrgent(cancellation);
        await connection.ExecuteAsync(Command(LeaveSql, new { host = host.Host }, cancellation));
    }

    private const string NotifySql = "select pg_notify(@channel, @payload)";

    public async Task Notify(string channel, string payload, CancellationToken cancellation)
    {
        await using var connection = await database.OpenUrgent(cancellation);
        await connection.ExecuteAsync(Command(NotifySql, new { channel, payload }, cancellation));
    }

    public async Task Listen(IReadOnlyList<string> channels, Action begun, Action<string, string> heard, CancellationToken cancellation)
    {
        await using var connection = await database.OpenUrgent(cancellation);
        connection.Notification += (_, notice) => heard(notice.Channel, notice.Payload);
        foreach (var channel in channels)
        {
            await connection.ExecuteAsync($"listen {channel}");
        }

        begun();
        while (true)
        {
            await connection.WaitAsync(cancellation);
        }
    }

    private static async Task<T> Fenced<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (PostgresException refused) when (refused.SqlState == "LM001")
        {
            throw new FencedException();
        }
    }

    private static CommandDefinition Command(string sql, object? parameters, CancellationToken cancellation) =>
        new(sql, parameters, commandTimeout: TimeoutSeconds, cancellationToken: cancellation);
}
