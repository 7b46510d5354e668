namespace Fury.LittleMonster;

/// <summary>The hosts among themselves: joining, renewing, taking shards and giving them back, waking each other. Each member is atomic.</summary>
internal interface IMembers
{
    /// <summary>A new incarnation under a new fencing token; earlier ones of the same name are dead from here on.</summary>
    Task<(long Host, Guid Space)> Join(string name, string build, TimeSpan lease, CancellationToken cancellation);

    /// <summary>The partitions of today and the next seven days exist.</summary>
    Task EnsurePartitions(CancellationToken cancellation);

    /// <summary>
    /// Takes away one portion of what is older than <paramref name="keep"/>: a day's partition, or at most <paramref name="rowsMax"/> rows
    /// of what lives and ends row by row. A live saga keeps its start key, its journal and the ends of its children, however old.
    /// </summary>
    /// <returns>How much that was; 0 when nothing is left, or when another host is at it.</returns>
    Task<int> Forget(TimeSpan keep, int rowsMax, CancellationToken cancellation);

    /// <summary>Renews the lease, or throws <see cref="FencedException"/>; declares dead who did not renew theirs.</summary>
    /// <returns>The database's time, how many hosts are alive, and how many shards nobody alive owns.</returns>
    Task<(DateTimeOffset At, int Hosts, int Free)> Keep(HostLease host, TimeSpan lease, CancellationToken cancellation);

    /// <summary>
    /// Takes at most <paramref name="max"/> shards that nobody alive owns, under a new fencing token, or throws
    /// <see cref="FencedException"/>.
    /// </summary>
    Task<short[]> Claim(HostLease host, int max, CancellationToken cancellation);

    /// <summary>The shard is free, if it was this host's.</summary>
    Task GiveUp(HostLease host, short shard, CancellationToken cancellation);

    /// <summary>Ends this incarnation and frees its shards, in one commit.</summary>
    Task Leave(HostLease host, CancellationToken cancellation);

    Task Notify(string channel, string payload, CancellationToken cancellation);

    /// <summary>Hears what others notify, until the connection breaks or <paramref name="cancellation"/> fires; both end it with an exception.</summary>
    /// <param name="begun">Called once it hears; what was notified before is lost.</param>
    Task Listen(IReadOnlyList<string> channels, Action begun, Action<string, string> heard, CancellationToken cancellation);
}
