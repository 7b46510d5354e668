using System.Reflection;
using Fury.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fury.LittleMonster;

/// <summary>
/// This host as a member: joins, renews its lease, takes shards and gives them back; one engine per incarnation. Declared dead, it drops
/// all that it remembers and joins anew.
/// </summary>
internal sealed class MonsterHost(
    IDatabase database,
    SagaStore store,
    SagaRegistry registry,
    SagaIdMint mint,
    LittleMonsterSettings settings,
    string node,
    TimeProvider time,
    ILogger<MonsterHost> log) : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PartitionsPeriod = TimeSpan.FromHours(6);

    private readonly MembershipStore _members = new(database);
    private readonly DatabaseClock _clock = new(time);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private Notices? _notices;
    private volatile Engine? _engine;
    private volatile Engine? _incarnation;
    private volatile bool _killed;

    /// <summary>Null while this host is not a member.</summary>
    public Engine? Engine => _engine;

    public DatabaseClock Clock => _clock;

    public Notices Notices => _notices ??= new(_members, time, log);

    /// <summary>Of all hosts; at least 1.</summary>
    public int Hosts { get; private set; } = 1;

    /// <summary>For tests: called where a crash hurts.</summary>
    public Action<CrashPoint>? Crash { get; set; }

    private TimeSpan Period => TimeSpan.FromTicks(Math.Min(settings.Lease.Ticks / 5, TimeSpan.TicksPerSecond * 2));

    /// <summary>Stops as a crash would: nothing is finished, nothing handed over, the lease is left to run out.</summary>
    public void Kill()
    {
        _killed = true;
        _incarnation?.Abort();
        Wake();
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var listening = new Listener(_members, () => _engine, Wake, time).Run(stoppingToken);
        while (!stoppingToken.IsCancellationRequested && !_killed)
        {
            try
            {
                await Belong(stoppingToken);
            }
            catch (Exception exception) when (Database.MayPass(exception) || exception is PostgresException)
            {
                log.LogWarning("Not a member: {Error}", exception.Message);
            }

            await Rest(RetryPause, stoppingToken);
        }

        await listening;
    }

    /// <summary>One incarnation, from joining to its end.</summary>
    private async Task Belong(CancellationToken stopping)
    {
        var sent = time.GetTimestamp();
        await store.Register(stopping);
        await _members.EnsurePartitions(stopping);
        var build = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var (id, space) = await _members.Join(node, build, settings.Lease, stopping);
        var host = new HostLease(id, id, space, registry);
        mint.Joined(id);
        var guard = new LeaseGuard(time, settings.Lease, sent);
        var parts = new EngineParts(host, store, guard, _clock, settings, Random.Shared, log); // tidy: the host is where chance comes from
        var engine = new Engine(parts, fenced => new Lane(database.Source, host, fenced, Crash, time, log))
        {
            Rested = shard => _ = GiveUp(host, shard),
        };
        _incarnation = engine;
        log.LogInformation("Joined as host {Host} ({Name})", id, node);
        try
        {
            await Serve(host, guard, engine, stopping);
        }
        finally
        {
            _engine = null;
            if (!_killed)
            {
                await Leave(host, engine);
            }

            await engine.DisposeAsync();
        }
    }

    private async Task Serve(HostLease host, LeaseGuard guard, Engine engine, CancellationToken stopping)
    {
        var partitionsAt = time.GetTimestamp();
        while (!stopping.IsCancellationRequested && !engine.Over.IsCompleted)
        {
            try
            {
                await Keep(host, guard, engine, stopping);
                _engine = engine;
                if (time.GetElapsedTime(partitionsAt) > PartitionsPeriod)
                {
                    await _members.EnsurePartitions(stopping);
                    partitionsAt = time.GetTimestamp();
                }

                // Hosts that began together must not ask together.
                await Rest(Period * (0.8 + (Random.Shared.NextDouble() * 0.4)), stopping); // tidy: as above
            }
            catch (PostgresException exception) when (exception.SqlState == "LM001")
            {
                log.LogWarning("Host {Host} was declared dead and joins anew", host.Host);
                engine.Abort();
            }
            catch (Exception exception) when (Database.MayPass(exception) && !stopping.IsCancellationRequested)
            {
                log.LogWarning("The lease could not be renewed: {Error}", exception.Message);
                await Rest(RetryPause, stopping);
            }
        }
    }

    private async Task Keep(HostLease host, LeaseGuard guard, Engine engine, CancellationToken stopping)
    {
        var (sent, sentAt) = (time.GetTimestamp(), time.GetUtcNow());
        var (at, hosts, free) = await _members.Keep(host, settings.Lease, stopping);
        _clock.Measure(sentAt, at);
        Hosts = hosts;
        guard.Renewed(sent);
        engine.LeaseRenewed();

        var share = (SagaToken.ShardsMax + hosts - 1) / hosts;
        var owned = await engine.OwnedCount();
        if (owned > share)
        {
            engine.Drain(owned - share);
        }
        else if (free > 0 && owned < share)
        {
            var shards = await _members.Claim(host, share - owned, stopping);
            if (shards.Length > 0)
            {
                await engine.Adopt(shards, await Load(shards, engine, stopping));
            }
        }
    }

    /// <summary>
    /// The shards are this host's from the claim on, so their sagas are read until it succeeds or the incarnation is over.
    /// </summary>
    private async Task<IReadOnlyList<SagaRow>> Load(short[] shards, Engine engine, CancellationToken stopping)
    {
        try
        {
            return await store.Load(shards, stopping);
        }
        catch
        {
            // Owned by nobody's memory: end this incarnation, so that the next one takes them.
            engine.Abort();
            throw;
        }
    }

    private async Task Leave(HostLease host, Engine engine)
    {
        using var grace = new CancellationTokenSource(settings.StopGrace, time);
        try
        {
            if (!engine.Over.IsCompleted)
            {
                engine.Drain(SagaToken.ShardsMax);
                while (!await engine.IsIdle())
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(10), time, grace.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            log.LogWarning("Steps were still under way when the host stopped; they are told to end and run again elsewhere");
        }

        engine.Abort();
        try
        {
            await _members.Leave(host, CancellationToken.None);
            await _members.Notify(Notices.ShardsChannel, "", CancellationToken.None);
        }
        catch (Exception exception) when (Database.MayPass(exception))
        {
            log.LogWarning("The shards could not be handed over; they are free when the lease ends: {Error}", exception.Message);
        }
    }

    private async Task GiveUp(HostLease host, short shard)
    {
        try
        {
            await _members.GiveUp(host, shard, CancellationToken.None);
            Notices.Shards();
        }
        catch (Exception exception) when (Database.MayPass(exception) || exception is ObjectDisposedException)
        {
            // Ours by the table and nobody's in memory: only a new incarnation puts that right.
            log.LogWarning("Shard {Shard} could not be given up: {Error}", shard, exception.Message);
            _incarnation?.Abort();
        }
    }

    private async Task Rest(TimeSpan time, CancellationToken stopping)
    {
        try
        {
            await _wake.WaitAsync(time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop looks for itself.
        }
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Woken already.
        }
    }
}
