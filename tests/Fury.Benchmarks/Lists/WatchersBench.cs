using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Fury.Benchmarks.Monster;
using Fury.Testing;

namespace Fury.Benchmarks.Lists;

/// <summary>
/// 5,000 streams of events of 100 deployments from one host: its memory before and with them, what they cost while nothing happens, and the time from an event
/// of each deployment, written by another host, until all watchers have it.
/// </summary>
internal static class WatchersBench
{
    private const int Watchers = 5_000;
    private const int Deployments = 100;
    private const int History = 20;
    private const int Rounds = 5;
    private const int OpenedAtOnce = 64;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Nobody drives them: their driver has a token that no lease has.
    private const string MakeSql = """
        insert into deployments.deployment (
            id, application, scope, shard, strategy, phase, release, revision, driver_token, state, created_at)
        select id, 'bench', 'production-s' || number, 0, 'canary', 'held', '0000000000000002', @history, 9000000000000000000,
               @state::jsonb || jsonb_build_object(
                   'id', id, 'scope', jsonb_build_object('application', 'bench', 'scope', 'production-s' || number),
                   'phase', 'held', 'revision', @history),
               now()
          from (select lpad(to_hex(number), 32, '0')::uuid as id, number from generate_series(1, @deployments) as number) as made;

        insert into deployments.event (deployment, number, at, phase, message, data)
        select deployment.id, number, now(), 'held', 'The weights stay as they are until somebody resumes it.',
               '{"weight": "25", "requests": "1200", "errors": "3"}'
          from deployments.deployment, generate_series(1, @history) as number;
        """;

    private const string EventSql = """
        insert into deployments.event (deployment, number, at, phase, message, data)
        select id, revision + 1, now(), 'held', 'Still held.', '{"weight": "25"}' from deployments.deployment;

        update deployments.deployment set revision = revision + 1, state = jsonb_set(state, '{revision}', to_jsonb(revision + 1));
        """;

    public static async Task<BenchResult> Run(TextWriter output, CancellationToken stop)
    {
        await using var server = await Cluster.Start(stop);
        var database = await server.CreateDatabase("watchers", stop);
        await using var fury = await FuryProcess.Start(database.ConnectionString, "--Logging:LogLevel:Default=Warning");
        await database.Execute(
            MakeSql.Replace("@history", $"{History}", StringComparison.Ordinal).Replace("@deployments", $"{Deployments}", StringComparison.Ordinal)
                .Replace("@state", $"'{ListsGround.State()}'", StringComparison.Ordinal),
            stop);
        await Task.Delay(Quiet, stop); // What a start costs is over.
        Dictionary<string, double> figures = new()
        {
            ["watchers"] = Watchers,
            ["deployments"] = Deployments,
            ["rss_without_mb"] = Proc.ResidentMegabytes(fury.Pid),
            ["idle_cpu_percent_without"] = await Cpu(fury, stop),
        };
        var watchers = new List<Watcher>();
        try
        {
            var opening = Stopwatch.StartNew();
            foreach (var part in Enumerable.Range(0, Watchers).Chunk(OpenedAtOnce))
            {
                watchers.AddRange(await Task.WhenAll(part.Select(number => Watcher.Open(fury.Api, (number % Deployments) + 1, stop))));
            }

            await All(watchers, History, stop);
            figures["opening_s"] = opening.Elapsed.TotalSeconds;
            output.WriteLine($"  {Watchers:N0} streams have their history after {opening.Elapsed.TotalSeconds:0.0} s");
            figures["idle_cpu_percent"] = await Cpu(fury, stop);
            figures["rss_mb"] = Proc.ResidentMegabytes(fury.Pid);
            List<double> rounds = [];
            for (var round = 1; round <= Rounds; round++)
            {
                var clock = Stopwatch.StartNew();
                await database.Execute(EventSql, stop);
                await All(watchers, History + round, stop);
                rounds.Add(clock.Elapsed.TotalMilliseconds);
                output.WriteLine($"  an event of each deployment is with all watchers after {rounds[^1]:0} ms");
            }

            figures["event_to_all_ms"] = rounds.Median();
            figures["rss_after_events_mb"] = Proc.ResidentMegabytes(fury.Pid);
            figures["kb_per_watcher"] = (figures["rss_after_events_mb"] - figures["rss_without_mb"]) * 1024 / Watchers;
        }
        finally
        {
            foreach (var watcher in watchers)
            {
                await watcher.DisposeAsync();
            }
        }

        return new("watchers", figures, new Dictionary<string, double> { ["rss_to_without"] = figures["rss_after_events_mb"] / figures["rss_without_mb"] })
        {
            Targets = [Target.Max("rss_mb", 500), Target.Max("rss_after_events_mb", 500), Target.Max("event_to_all_ms", 3_000)],
        };
    }

    private static async Task All(List<Watcher> watchers, int events, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        while (watchers.Any(watcher => watcher.Events < events))
        {
            if (clock.Elapsed > Patience)
            {
                var behind = watchers.Count(watcher => watcher.Events < events);
                throw new TimeoutException($"{behind} watchers miss events; one has {watchers.Min(one => one.Events)}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), stop);
        }
    }

    private static async Task<double> Cpu(FuryProcess fury, CancellationToken stop)
    {
        var before = Proc.Cpu(fury.Pid);
        await Task.Delay(Quiet, stop);
        return (Proc.Cpu(fury.Pid) - before) / Quiet * 100;
    }

    /// <summary>A connection that counts the events which come; as little as a watcher can be, so that what is measured is the host.</summary>
    private sealed class Watcher : IAsyncDisposable
    {
        private static readonly byte[] Mark = "\nid: "u8.ToArray();

        private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
        private readonly byte[] _buffer = new byte[4096];
        private int _matched;
        private int _events;
        private Task _reading = Task.CompletedTask;

        public int Events => Volatile.Read(ref _events);

        public static async Task<Watcher> Open(Uri api, int deployment, CancellationToken stop)
        {
            var watcher = new Watcher();
            await watcher._socket.ConnectAsync(IPAddress.Loopback, api.Port, stop);
            await watcher._socket.SendAsync(
                Encoding.ASCII.GetBytes(
                    $"GET /api/v1/deployments/{deployment:x32}/events HTTP/1.1\r\nHost: {api.Authority}\r\nAccept: text/event-stream\r\n\r\n"),
                stop);
            watcher._reading = watcher.Read();
            return watcher;
        }

        public async ValueTask DisposeAsync()
        {
            _socket.Dispose();
            await _reading;
        }

        private async Task Read()
        {
            try
            {
                for (int length; (length = await _socket.ReceiveAsync(_buffer)) > 0;)
                {
                    foreach (var each in _buffer.AsSpan(0, length))
                    {
                        _matched = each == Mark[_matched] ? _matched + 1 : each == Mark[0] ? 1 : 0;
                        if (_matched == Mark.Length)
                        {
                            _matched = 0;
                            Volatile.Write(ref _events, _events + 1);
                        }
                    }
                }
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // It was closed.
            }
        }
    }
}
