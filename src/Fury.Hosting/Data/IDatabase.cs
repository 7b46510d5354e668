using Fury.Kernel;
using Npgsql;

namespace Fury.Hosting;

/// <summary>The platform's PostgreSQL.</summary>
public interface IDatabase
{
    /// <summary>For reads and for single statements, which are transactions of their own. Dapper runs on its connections.</summary>
    NpgsqlDataSource Source { get; }

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
