using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fury.Hosting;

/// <summary>Leases in <c>hosting.lease</c>. One loop renews all that this process holds with one statement.</summary>
internal sealed class Leases(IDatabase database, INode node, LeaseOptions options, TimeProvider clock, ILogger<Leases> logger)
    : ILeases, IAsyncDisposable
{
    /// <summary>
    /// Reads only while another holds it. The token is drawn after the row is locked, or an earlier holder might get the higher one.
    /// </summary>
    private const string AcquireSql = """
        insert into hosting.lease as held (name, token, node, incarnation, expires_at)
        select @name, nextval('hosting.fence'), @node, @incarnation, clock_timestamp() + @ttl
         where not exists (
                select 1
                  from hosting.lease
                 where name = @name
                   and expires_at > clock_timestamp()
                   and (node <> @node or incarnation = @incarnation))
            on conflict (name) do update
           set token = nextval('hosting.fence'), node = @node, incarnation = @incarnation, expires_at = clock_timestamp() + @ttl
         where held.expires_at <= clock_timestamp()
            or (held.node = @node and held.incarnation <> @incarnation)
        returning token
        """;

    private const string RenewSql = """
        update hosting.lease as held
           set expires_at = clock_timestamp() + @ttl
          from unnest(@names, @tokens) as mine (name, token)
         where held.name = mine.name and held.token = mine.token and held.expires_at > clock_timestamp()
        returning held.token
        """;

    private const string ReleaseSql = """
        update hosting.lease
           set expires_at = '-infinity'
         where name = @name and token = @token
        """;

    private readonly ConcurrentDictionary<long, Lease> _held = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task? _renewing;

    /// <summary>Kept for renewals alone: they must not wait for a connection while work that holds leases has them all.</summary>
    private NpgsqlConnection? _connection;

    private LeaseOptions Options => options;

    private TimeProvider Clock => clock;

    private ILogger Logger => logger;

    public async Task<ILease?> TryAcquire(string name, CancellationToken cancellation)
    {
        var asked = clock.GetTimestamp();
        await using var connection = await database.OpenUrgent(cancellation);
        var parameters = new { name, node = node.Name, incarnation = node.Incarnation, ttl = options.Ttl };
        var token = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(AcquireSql, parameters, cancellationToken: cancellation));
        if (token is null)
        {
            return null;
        }

        var lease = new Lease(this, name, token.Value, asked);
        _held[token.Value] = lease;
        lock (_gate)
        {
            _renewing ??= Task.Run(Renew, CancellationToken.None);
        }

        return lease;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await (_renewing ?? Task.CompletedTask);
        await Disconnect();
        foreach (var lease in _held.Values)
        {
            await lease.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private async Task Renew()
    {
        var wait = options.RenewPeriod;
        while (true)
        {
            await Task.Delay(wait, clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await RenewAll([.. _held.Values]);
                wait = options.RenewPeriod;
            }
            catch (Exception failure)
            {
                // Each lease has its own deadline, which fires whether or not this works again in time.
                logger.LogWarning("Leases could not be renewed: {Reason}", failure.Message);
                wait = options.RetryPeriod;
                await Disconnect();
            }
        }
    }

    private async Task RenewAll(Lease[] leases)
    {
        if (leases.Length == 0)
        {
            return;
        }

        using var deadline = new CancellationTokenSource(options.RenewDeadline, clock);
        var asked = clock.GetTimestamp();
        _connection ??= await database.OpenUrgent(deadline.Token);
        var parameters = new
        {
            names = leases.Select(lease => lease.Name).ToArray(),
            tokens = leases.Select(lease => lease.Token).ToArray(),
            ttl = options.Ttl,
        };
        var renewed = (await _connection.QueryAsync<long>(new CommandDefinition(RenewSql, parameters, cancellationToken: deadline.Token))).ToHashSet();
        foreach (var lease in leases)
        {
            if (renewed.Contains(lease.Token))
            {
                lease.Extend(asked);
            }
            else
            {
                lease.Lose();
            }
        }
    }

    private async Task Disconnect()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private async Task Release(Lease lease)
    {
        _held.TryRemove(lease.Token, out _);
        try
        {
            using var deadline = new CancellationTokenSource(options.RenewDeadline, clock);
            await using var connection = await database.OpenUrgent(deadline.Token);
            await connection.ExecuteAsync(
                new CommandDefinition(ReleaseSql, new { name = lease.Name, token = lease.Token }, cancellationToken: deadline.Token));
        }
        catch (Exception failure)
        {
            // It runs out by itself.
            logger.LogDebug("Lease {Name} could not be given up: {Reason}", lease.Name, failure.Message);
        }
    }

    private sealed class Lease : ILease
    {
        private readonly Leases _leases;
        private readonly CancellationTokenSource _lost = new();
        private readonly ITimer _deadline;
        private readonly Lock _gate = new();
        private long _renewedAt;
        private bool _over;

        public Lease(Leases leases, string name, long token, long askedAt)
        {
            (_leases, Name, Token, Lost, _renewedAt) = (leases, name, token, _lost.Token, askedAt);
            _deadline = leases.Clock.CreateTimer(_ => Lose(), null, Positive(Left), Timeout.InfiniteTimeSpan);
        }

        public string Name { get; }

        public long Token { get; }

        public CancellationToken Lost { get; }

        private TimeSpan Left => _leases.Options.Ttl - _leases.Options.Margin - _leases.Clock.GetElapsedTime(_renewedAt);

        /// <summary>Asked of the clock, since after a pause of the whole process the timer may not have fired yet.</summary>
        public bool IsHeld
        {
            get
            {
                lock (_gate)
                {
                    return !_over && Left > TimeSpan.Zero;
                }
            }
        }

        /// <summary>Counts from when the database was asked: it may have begun to count the time to live at any moment after that.</summary>
        public void Extend(long askedAt)
        {
            lock (_gate)
            {
                // A lease whose deadline has passed stays lost, even when the database would still have it: its work has been told to stop.
                if (!_over && Left > TimeSpan.Zero)
                {
                    _renewedAt = askedAt;
                    _deadline.Change(Positive(Left), Timeout.InfiniteTimeSpan);
                }
            }
        }

        public void Lose()
        {
            lock (_gate)
            {
                if (_over)
                {
                    return;
                }

                _over = true;
            }

            _leases._held.TryRemove(Token, out _);
            HostingMetrics.LeasesLost.Add(1);
            _leases.Logger.LogWarning("Lease {Name} with token {Token} is lost.", Name, Token);
            // Not Cancel: a callback that throws would end the process from this timer.
            _ = _lost.CancelAsync();
        }

        public async ValueTask DisposeAsync()
        {
            lock (_gate)
            {
                _over = true;
            }

            // What still runs under it must stop before another may begin.
            await _lost.CancelAsync();
            await _deadline.DisposeAsync();
            await _leases.Release(this);
        }

        private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
    }
}
