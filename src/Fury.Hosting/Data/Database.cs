using Fury.Kernel;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fury.Hosting;

/// <summary>The data source, and transactions that carry their events with them.</summary>
internal sealed class Database : IDatabase, IAsyncDisposable
{
    private readonly Lazy<NpgsqlDataSource> _source;

    /// <param name="connectionString">Asked for once, when the source is first used.</param>
    public Database(Func<string> connectionString, ILoggerFactory loggers)
    {
        _source = new(() =>
        {
            var builder = new NpgsqlDataSourceBuilder(connectionString()) { Name = "fury" };
            builder.UseLoggerFactory(loggers);
            return builder.Build();
        });
    }

    public NpgsqlDataSource Source => _source.Value;

    public async Task<Outcome<T>> Transaction<T>(Func<ITransaction, Task<Outcome<T>>> work, CancellationToken cancellation)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellation);
        await using var inner = await connection.BeginTransactionAsync(cancellation);
        var transaction = new Transaction(connection, inner);
        var outcome = await work(transaction);
        if (!outcome.IsOk)
        {
            await inner.RollbackAsync(CancellationToken.None);
            return outcome;
        }

        await OutboxWriter.Write(transaction, cancellation);
        await inner.CommitAsync(cancellation);
        foreach (var action in transaction.Actions)
        {
            action();
        }

        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        if (_source.IsValueCreated)
        {
            await _source.Value.DisposeAsync();
        }
    }
}

/// <summary>What a transaction has collected for its commit.</summary>
internal sealed class Transaction(NpgsqlConnection connection, NpgsqlTransaction inner) : ITransaction
{
    public NpgsqlConnection Connection => connection;

    public NpgsqlTransaction Inner => inner;

    public List<IEvent> News { get; } = [];

    public List<Action> Actions { get; } = [];

    /// <summary>Written just before the commit, all at once: one round trip, and the locks that order them are held for a moment only.</summary>
    public Task Tell(IEvent news, CancellationToken cancellation)
    {
        News.Add(news);
        return Task.CompletedTask;
    }

    public void AfterCommit(Action action) => Actions.Add(action);
}
