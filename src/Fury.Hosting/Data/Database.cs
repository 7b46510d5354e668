using Fury.Kernel;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fury.Hosting;

/// <summary>The data source, and transactions that carry their events with them.</summary>
internal sealed class Database : IDatabase, IAsyncDisposable
{
    /// <summary>A server that restarts is away for about a second; a caller who waits for it need not hear of it.</summary>
    private static readonly TimeSpan BeginDeadline = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BeginRetryPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// To let somebody in costs a busy server a process. If all who wait did so at once, each would have given up before it was let in, and the
    /// server would be busy for ever with those who have gone.
    /// </summary>
    private const int OpensAtOnceMax = 4;

    private static readonly TimeSpan OpensWithin = TimeSpan.FromSeconds(10);

    /// <summary>Three are held all the time (the leases' and two that listen); the others are for what is asked in between.</summary>
    private const int UrgentConnectionsMax = 8;

    private readonly SemaphoreSlim _opens = new(OpensAtOnceMax);
    private readonly Lazy<NpgsqlDataSource> _source;
    private readonly Lazy<NpgsqlDataSource> _urgent;
    private readonly WakeBoard _board;
    private readonly TimeProvider _clock;

    /// <param name="connectionString">Asked for when a source is first used.</param>
    public Database(Func<string> connectionString, WakeBoard board, TimeProvider clock, ILoggerFactory loggers)
    {
        (_board, _clock) = (board, clock);
        _source = new(() => Build("fury", null));
        _urgent = new(() => Build("fury-urgent", UrgentConnectionsMax));

        NpgsqlDataSource Build(string name, int? connectionsMax)
        {
            var builder = new NpgsqlDataSourceBuilder(connectionString()) { Name = name };
            builder.ConnectionStringBuilder.MaxPoolSize = connectionsMax ?? builder.ConnectionStringBuilder.MaxPoolSize;
            builder.UseLoggerFactory(loggers);
            return builder.Build();
        }
    }

    public NpgsqlDataSource Source => _source.Value;

    public async ValueTask<NpgsqlConnection> Open(CancellationToken cancellation)
    {
        if (!await _opens.WaitAsync(OpensWithin, cancellation))
        {
            throw new NpgsqlException($"No connection to PostgreSQL within {OpensWithin.TotalSeconds} s.", new TimeoutException());
        }

        try
        {
            return await Source.OpenConnectionAsync(cancellation);
        }
        finally
        {
            _opens.Release();
        }
    }

    public ValueTask<NpgsqlConnection> OpenUrgent(CancellationToken cancellation) => _urgent.Value.OpenConnectionAsync(cancellation);

    public void Clear()
    {
        Source.Clear();
        _urgent.Value.Clear();
    }

    public async Task<Outcome<T>> Transaction<T>(Func<ITransaction, Task<Outcome<T>>> work, CancellationToken cancellation)
    {
        await using var connection = await Begin(cancellation);
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
        if (transaction.News.Count > 0)
        {
            _board.Ring(WakeBoard.OutboxTopic);
        }

        foreach (var action in transaction.Actions)
        {
            action();
        }

        return outcome;
    }

    /// <summary>
    /// Tries again while the server does not let anybody in: nothing has begun yet, so nothing is done twice. Later failures are the
    /// caller's, who knows what may be repeated.
    /// </summary>
    private async Task<NpgsqlConnection> Begin(CancellationToken cancellation)
    {
        var begun = _clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await Open(cancellation);
            }
            catch (NpgsqlException failure) when (Transients.IsTransient(failure) && _clock.GetElapsedTime(begun) < BeginDeadline)
            {
                HostingMetrics.DatabaseRetries.Add(1);
                await Task.Delay(BeginRetryPeriod, _clock, cancellation);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in new[] { _source, _urgent }.Where(each => each.IsValueCreated))
        {
            await source.Value.DisposeAsync();
        }

        _opens.Dispose();
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
