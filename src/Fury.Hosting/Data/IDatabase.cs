using Fury.Kernel;
using Npgsql;

namespace Fury.Hosting;

/// <summary>The platform's PostgreSQL.</summary>
public interface IDatabase
{
    /// <summary>For what keeps connections of its own, as Little Monster's lanes do, and for migrations. All others use <see cref="Open"/>.</summary>
    NpgsqlDataSource Source { get; }

    /// <summary>
    /// A connection for reads and for single statements, which are transactions of their own. Dapper runs on it. Few are opened at a time, so that a server
    /// that has come back is not asked to let more in than it can before they give up.
    /// </summary>
    /// <exception cref="NpgsqlException">Transient: the server is away, or all connections stay in use.</exception>
    ValueTask<NpgsqlConnection> Open(CancellationToken cancellation);

    /// <summary>
    /// A connection for what keeps this host alive: its leases, its membership, what wakes it. These are few and their own, and never wait behind those whom
    /// the host serves; or a host that has much to do would be taken for dead, and the others would have its work as well.
    /// </summary>
    /// <exception cref="NpgsqlException">As of <see cref="Open"/>.</exception>
    ValueTask<NpgsqlConnection> OpenUrgent(CancellationToken cancellation);

    /// <summary>Gives up all idle connections: whoever comes next gets a new one.</summary>
    void Clear();

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction and commits. A fault it returns, or an exception, rolls back. Events that it tells
    /// are in the outbox when it commits, and never otherwise.
    /// </summary>
    Task<Outcome<T>> Transaction<T>(Func<ITransaction, Task<Outcome<T>>> work, CancellationToken cancellation);
}

/// <summary>A transaction under way.</summary>
public interface ITransaction
{
    NpgsqlConnection Connection { get; }

    NpgsqlTransaction Inner { get; }

    /// <summary>Writes the event to the outbox, in this transaction.</summary>
    Task Tell(IEvent news, CancellationToken cancellation);

    /// <summary>Runs after the commit, in the order of registration, never after a rollback: for waking those who wait in this process.</summary>
    void AfterCommit(Action action);
}
