using Fury.Kernel;
using Fury.Sidecar.Following;
using Fury.Sidecar.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fury.Sidecar.Haproxy;

/// <summary>
/// HAProxy as the data plane: each update becomes a target, and HAProxy is told what it takes to get there. What it has is known from what it was told
/// and has answered; whenever that is in doubt, it is asked.
/// </summary>
internal sealed partial class HaproxyPlane(IOptions<SidecarOptions> options, TimeProvider clock, Random random, ILogger<HaproxyPlane> log)
    : IDataPlane, IDisposable
{
    private const int BackendsAskedByName = 16;

    /// <summary>The counters of all servers.</summary>
    private const string Servers = "show stat -1 4 -1";

    /// <summary>So many are answered well within what an answer may take.</summary>
    private const int CommandsAtOnce = 500;

    /// <summary>Then the feed is asked for what is to be in force by now: the next update may be one that can be applied.</summary>
    private const int AttemptsMax = 8;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly HaproxyLedger _ledger = new(clock);
    private RuntimeApi? _api;
    private HaproxyState? _seen;
    private HaproxyTarget _target = HaproxyTarget.Unloaded;
    private HaproxyTarget? _reached;
    private long _applied;

    public long AppliedVersion => Volatile.Read(ref _applied);

    public async ValueTask Apply(RoutingUpdate update, CancellationToken cancellation)
    {
        using (await Enter(cancellation))
        {
            _target = _target.After(
                update, options.Value.Haproxy.PoolsMax, backend => _seen?.Servers.Keys.Any(server => server.Backend == backend) == true);
            _ledger.Follow(_target);
        }

        var backoff = new Backoff(random);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using (await Enter(cancellation))
                {
                    await Converge(cancellation);
                    Volatile.Write(ref _applied, update.Version);
                    return;
                }
            }
            catch (HaproxyException why) when (attempt < AttemptsMax)
            {
                NotApplied(log, update.Version, why.Message);
            }

            await Task.Delay(backoff.Next(), clock, cancellation);
        }
    }

    public async ValueTask<TrafficNews> Read(IReadOnlyDictionary<PoolId, PoolTraffic> reported, CancellationToken cancellation)
    {
        using (await Enter(cancellation))
        {
            // While there is no HAProxy nothing moves, and what was counted stands.
            if (_api is not null)
            {
                await Converge(cancellation);
                await Count(cancellation);
                await Tidy(cancellation);
            }

            return _ledger.News(reported);
        }
    }

    /// <summary>A HAProxy has started, with nothing but its configuration; it is brought to where it is to be.</summary>
    public async Task Up(RuntimeApi api, CancellationToken cancellation)
    {
        using (await Enter(cancellation))
        {
            _api = api;
            await Converge(cancellation);
        }
    }

    /// <summary>It has ended, and what it had in flight with it.</summary>
    public async Task Down(CancellationToken cancellation)
    {
        using (await Enter(cancellation))
        {
            _api = null;
            _seen = null;
            _ledger.Cut();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task Converge(CancellationToken cancellation)
    {
        if (_seen is not null && ReferenceEquals(_reached, _target))
        {
            return;
        }

        _seen ??= await See(cancellation);
        await Tell(HaproxyPlan.Next(_seen, _target), cancellation);
        _reached = _target;
    }

    private async Task<HaproxyState> See(CancellationToken cancellation)
    {
        var maps = Enum.GetValues<HaproxyMap>();
        var answers = await Api.Ask([.. maps.Select(map => $"show map {HaproxyConfig.FileOf(map)}"), "show servers state"], cancellation);
        var entries = maps.Zip(answers).SelectMany(map => HaproxyReading.Map(map.First, map.Second));
        return HaproxyState.Empty with
        {
            Entries = HaproxyState.Empty.Entries.SetItems(entries),
            Servers = HaproxyReading.Servers(answers[^1]),
        };
    }

    private async Task Tell(IReadOnlyList<Command> commands, CancellationToken cancellation)
    {
        foreach (var some in commands.Chunk(CommandsAtOnce))
        {
            // What HAProxy has is in doubt from here until every answer is in.
            var seen = _seen!;
            _seen = null;
            var answers = await Api.Ask([.. some.Select(command => command.Text)], cancellation);
            foreach (var (command, answer) in some.Zip(answers))
            {
                if (answer != command.Done)
                {
                    throw new HaproxyException($"HAProxy answered '{answer}' to: {command.Text}");
                }

                seen = command.After(seen);
            }

            _seen = seen;
        }
    }

    private async Task Count(CancellationToken cancellation)
    {
        int[] used = [.. _target.Backends.Values.Union(_seen!.Servers.Keys.Select(server => server.Backend)).Order()];

        // Each answer has a line of names; of many it costs less to be told of all.
        string[] backends = used.Length > BackendsAskedByName
            ? ["show stat -1 2 -1"]
            : [.. used.Select(backend => $"show stat {Backends.NameOf(backend)} 2 -1")];
        var before = _ledger.CountsReplicas ? [.. backends, Servers] : backends;
        var answers = await Api.Ask([.. before, .. backends, Servers], cancellation);
        var counted = answers.Select(HaproxyReading.Counters).ToList();
        _ledger.Note(
            counted.Take(before.Length).SelectMany(one => one), counted.Skip(before.Length).SkipLast(1).SelectMany(one => one), counted[^1]);
    }

    /// <summary>Backends whose pools are out of the routes and idle are freed, and servers taken away that have nothing to do any more.</summary>
    private async Task Tidy(CancellationToken cancellation)
    {
        List<Command.RemoveServer> idle =
            [.. from server in _seen!.Servers where !server.Value && _ledger.IsIdle(server.Key) select new Command.RemoveServer(server.Key)];
        foreach (var (remove, answer) in idle.Zip(await Api.Ask([.. idle.Select(remove => remove.Text)], cancellation)))
        {
            // It may still keep a connection open; the next time will do as well.
            if (answer == remove.Done)
            {
                _seen = remove.After(_seen!);
                _ledger.Removed(remove.Server);
            }
        }

        var freed = _target.Free(_ledger.Idle);
        if (freed.Backends.Count < _target.Backends.Count)
        {
            _target = freed;
            _ledger.Follow(_target);
            await Converge(cancellation);
        }
    }

    private RuntimeApi Api => _api ?? throw new HaproxyException("HAProxy does not run.");

    private async Task<Gate> Enter(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        return new(_gate);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Version {Version} of the routes is not applied yet: {Reason}")]
    private static partial void NotApplied(ILogger log, long version, string reason);

    private readonly struct Gate(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
