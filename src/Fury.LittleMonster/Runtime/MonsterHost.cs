using System.Reflection;
using Fury.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fury.LittleMonster;

/// <summary>What a host keeps its sagas in.</summary>
internal sealed record MonsterStores(IMembers Members, ISagaStore Sagas, Func<HostLease, ILaneStore> Lane);

/// <summary>What a host is given of the world, so that a simulator can give it another.</summary>
internal sealed record MonsterWorld(string Node, TimeProvider Time, Random Chance, Schedulers Schedulers);

/// <summary>
/// This host as a member: joins, renews its lease, takes shards and gives them back; one engine per incarnation. Declared dead, it drops
/// all that it remembers and joins anew.
/// </summary>
internal sealed class MonsterHost : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan IdleLookPeriod = TimeSpan.FromMilliseconds(10);

    private readonly MonsterStores _stores;
    private readonly LittleMonsterSettings _settings;
    private readonly MonsterWorld _world;
    private readonly ILogger<MonsterHost> _log;
    private readonly WakeSignal _wake = new();
    private volatile Engine? _engine;
    private volatile Engine? _incarnation;
    private volatile bool _killed;

    public MonsterHost(
        MonsterStores stores,
        SagaRegistry registry,
        SagaIdMint mint,
        LittleMonsterSettings settings,
        MonsterWorld world,
        ILogger<MonsterHost> log)
    {
        (_stores, _settings, _world, _log, Registry) = (stores, settings, world, log, registry);
        Clock = new DatabaseClock(world.Time);
        Notices = new Notices(stores.Members, world.Time, world.Schedulers, log);
        Starter = new Starter(stores.Sagas, registry, mint, this);
    }

    /// <summary>Null while this host is not a member.</summary>
    public Engine? Engine => _engine;

    public SagaRegistry Registry { get; }

    public DatabaseClock Clock { get; }

    public Notices Notices { get; }

    public Starter Starter { get; }

    /// <summary>Of all hosts; at least 1.</summary>
    public int Hosts { get; private set; } = 1;

    /// <summary>For tests: called where a crash hurts.</summary>
    public Action<CrashPoint>? Crash { get; set; }

    private TimeSpan Period => TimeSpan.FromTicks(Math.Min(_settings.Lease.Ticks / 5, TimeSpan.TicksPerSecond * 2));

    /// <summary>Stops as a crash would: nothing is finished, nothing handed over, the lease is left to run out.</summary>
    public void Kill()
    {
        _killed = true;
        _incarnation?.Abort();
        _wake.Set();
    }

    /// <summary>A member until it is stopped.</summary>
    public async Task Run(CancellationToken stopping)
    {
        var listening = new Listener(_stores.Members, () => _engine, _wake.Set, _world.Time).Run(stopping);
        var housekeeping = new Housekeeping(_stores.Members, _settings.Retention, _world.Time, _log).Run(stopping);
        while (!stopping.IsCancellationRequested && !_killed)
        {
            try
            {
                await Belong(stopping);
            }
            catch (Exception exception) when (Database.MayPass(exception) || exception is PostgresException or FencedException)
            {
                _log.LogWarning("Not a member: {Error}", exception.Message);
            }

            await Rest(RetryPause, stopping);
        }

        await listening;
        await housekeeping;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Telemetry.Show(this);
        try
        {
            await Schedulers.Run(_world.Schedulers.Engine, () => Run(stoppingToken));
        }
        finally
        {
            Telemetry.Hide(this);
        }
    }

    /// <summary>One incarnation, from joining to its end.</summary>
    private async Task Belong(CancellationToken stopping)
    {
        var sent = _world.Time.GetTimestamp();
        await _stores.Sagas.Register(stopping);
        await _stores.Members.EnsurePartitions(stopping);
        var build = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var (id, space) = await _stores.Members.Join(_world.Node, build, _settings.Lease, stopping);
        var host = new HostLease(id, id, space, Registry);
        var guard = new LeaseGuard(_world.Time, _settings.Lease, sent);
        var children = new ChildSagas(Starter, _stores.Sagas, Registry, this);
        var parts = new EngineParts(
            host, _stores.Sagas, children, guard, Clock, _settings, _world.Schedulers, new Random(_world.Chance.Next()), _log)
        {
            Rested = shard => _ = Schedulers.Run(_world.Schedulers.Engine, () => GiveUp(host, shard)),
            NudgeElsewhere = NudgeElsewhere,
        };
        var engine = new Engine(parts, fenced => new Lane(_stores.Lane(host), host, fenced, Crash, _world.Time, _log));
        _incarnation = engine;
        _log.LogInformation("Joined as host {Host} ({Name})", id, _world.Node);
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
        while (!stopping.IsCancellationRequested && !engine.Over.IsCompleted)
        {
            try
            {
                await Keep(host, guard, engine, stopping);
                _engine = engine;

                // Hosts that began together must not ask together.
                await Rest(Period * (0.8 + (_world.Chance.NextDouble() * 0.4)), stopping);
            }
            catch (FencedException)
            {
                _log.LogWarning("Host {Host} was declared dead and joins anew", host.Host);
                guard.Lose();
                engine.Abort();
            }
            catch (Exception exception) when (Database.MayPass(exception) && !stopping.IsCancellationRequested)
            {
                _log.LogWarning("The lease could not be renewed: {Error}", exception.Message);
                await Rest(RetryPause, stopping);
            }
        }
    }

    private async Task Keep(HostLease host, LeaseGuard guard, Engine engine, CancellationToken stopping)
    {
        var (sent, sentAt) = (_world.Time.GetTimestamp(), _world.Time.GetUtcNow());
        var (at, hosts, free) = await _stores.Members.Keep(host, _settings.Lease, stopping);
        Clock.Measure(sentAt, at);
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
            await TakeOver(host, share - owned, engine, stopping);
        }
    }

    /// <summary>
    /// The shards are this host's from the claim's commit on, whether its answer arrives or not, so from there on their sagas are in memory
    /// or the incarnation is over.
    /// </summary>
    private async Task TakeOver(HostLease host, int max, Engine engine, CancellationToken stopping)
    {
        try
        {
            var shards = await _stores.Members.Claim(host, max, stopping);
            if (shards.Length > 0)
            {
                await engine.Adopt(shards, await _stores.Sagas.Load(shards, stopping));
            }
        }
        catch
        {
            // Owned by nobody's memory, perhaps: end this incarnation, so that the next one takes them.
            engine.Abort();
            throw;
        }
    }

    private async Task Leave(HostLease host, Engine engine)
    {
        using var grace = new CancellationTokenSource(_settings.StopGrace, _world.Time);
        try
        {
            if (!engine.Over.IsCompleted)
            {
                engine.Drain(SagaToken.ShardsMax);
                while (!await engine.IsIdle())
                {
                    await Task.Delay(IdleLookPeriod, _world.Time, grace.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            _log.LogWarning("Steps were still under way when the host stopped; they are told to end and run again elsewhere");
        }

        engine.Abort();
        try
        {
            await _stores.Members.Leave(host, CancellationToken.None);
            await _stores.Members.Notify(Notices.ShardsChannel, "", CancellationToken.None);
        }
        catch (Exception exception) when (Database.MayPass(exception))
        {
            _log.LogWarning("The shards could not be handed over; they are free when the lease ends: {Error}", exception.Message);
        }
    }

    private async Task GiveUp(HostLease host, short shard)
    {
        try
        {
            await _stores.Members.GiveUp(host, shard, CancellationToken.None);
            Notices.Shards();
        }
        catch (Exception exception) when (Database.MayPass(exception) || exception is ObjectDisposedException)
        {
            // Ours by the table and nobody's in memory: only a new incarnation puts that right.
            _log.LogWarning("Shard {Shard} could not be given up: {Error}", shard, exception.Message);
            _incarnation?.Abort();
        }
    }

    public void NudgeElsewhere(SagaId id)
    {
        if (Hosts > 1)
        {
            Notices.Nudge(id);
        }
    }

    public void WakeOwner()
    {
        Engine?.WakeInbox();
        if (Hosts > 1)
        {
            Notices.Inbox();
        }
    }

    private async Task Rest(TimeSpan time, CancellationToken stopping)
    {
        try
        {
            await _wake.Wait(time, _world.Time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop looks for itself.
        }
    }
}
