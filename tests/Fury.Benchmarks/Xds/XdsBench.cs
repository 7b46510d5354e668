using System.Diagnostics;
using System.Globalization;
using Fury.Benchmarks.Monster;
using Fury.Kernel;
using Fury.Xds;

namespace Fury.Benchmarks.Xds;

/// <summary>
/// What a push costs the control plane, with simulated proxies that speak real xDS over a connection each: delta streams, all of a thousand clusters,
/// the listener and the routes of one scope, the endpoints of fifty.
/// </summary>
internal static class XdsBench
{
    private const int Scopes = 1000;
    private const int Endpoints = 4000;
    private const int Rounds = 7;
    private const string Large = "large";
    private const string Many = "many";

    public static readonly IReadOnlyList<string> Words = [Large, Many];

    /// <summary>Whose proxies they are.</summary>
    public static ScopeRef Caller { get; } = ScopeRef.Parse("bench/production-caller");

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task<BenchResult> Run(TextWriter output, IReadOnlyList<string> words, CancellationToken stop)
    {
        await using var cluster = await Cluster.Start(stop);
        Dictionary<string, double> figures = [];
        foreach (var streams in words.Contains(Many) ? new[] { 1000, 2000, 10_000 } : [1000, 2000])
        {
            await Measure(cluster, streams, figures, output, stop);
        }

        await using (var plane = await Plane.Start(cluster, "xdsacks", stop))
        {
            await plane.Tell($"scopes {Scopes} {Endpoints}", stop);
            await XdsAcks.Measure(plane, figures, output, stop);
        }

        figures["route_push_cpu_ms_per_proxy"] = figures["route_push_cpu_ms_2000"] / 2000;
        figures["delta_bytes_per_proxy_one_cluster"] = figures["cluster_push_kb_2000"] * 1000 / 2000;

        if (words.Contains(Large))
        {
            await MeasureLarge(cluster, figures, output, stop);
        }

        var ratios = new Dictionary<string, double>
        {
            ["route_push_cpu_2000_vs_1000_streams"] = figures["route_push_cpu_ms_2000"] / figures["route_push_cpu_ms_1000"],
        };
        return new("xds", figures, ratios)
        {
            Targets =
            [
                Target.Max("route_push_cpu_ms_per_proxy", 0.1),
                Target.Max("delta_bytes_per_proxy_one_cluster", 300),
                Target.Max("rss_mb_2000_delta_streams", 500),
                Target.Max("ack_p50_ms", 3),
            ],
        };
    }

    private static List<string> Keys(int scopes) => [.. Enumerable.Range(0, scopes).Select(number => MeshNames.Of(XdsPlane.Scope(number)))];

    private static async Task Measure(Cluster cluster, int streams, Dictionary<string, double> figures, TextWriter output, CancellationToken stop)
    {
        await using var plane = await Plane.Start(cluster, $"xds{streams}", stop);
        await plane.Tell($"scopes {Scopes} {Endpoints}", stop);
        var idle = Proc.ResidentMegabytes(plane.Pid);
        await using var proxies = new XdsProxies(plane.Address);
        var (clock, cpu) = (Stopwatch.StartNew(), Proc.Cpu(plane.Pid));
        await proxies.Connect(streams, Keys(Scopes), stop);
        await plane.Settled(proxies, Patience, stop);
        var name = $"_{streams}";
        figures[$"synced_s{name}"] = clock.Elapsed.TotalSeconds;
        figures[$"synced_cpu_s{name}"] = (Proc.Cpu(plane.Pid) - cpu).TotalSeconds;
        figures[$"initial_mb{name}"] = proxies.Bytes / 1e6;
        await Task.Delay(TimeSpan.FromSeconds(3), stop);
        figures[$"rss_mb_{streams}_delta_streams"] = Proc.ResidentMegabytes(plane.Pid);
        output.WriteLine($"  {streams} streams over {Scopes} clusters in {clock.Elapsed.TotalSeconds:0.0} s; "
            + $"{figures[$"rss_mb_{streams}_delta_streams"]:0} MB resident ({idle:0} MB idle), {proxies.Broken} broken");
        figures[$"managed_mb{name}"] = double.Parse(await plane.Tell("managed", stop), CultureInfo.InvariantCulture);
        output.WriteLine($"  {figures[$"managed_mb{name}"]:0} MB of objects; {Proc.ResidentMegabytes(plane.Pid):0} MB resident once collected");
        foreach (var kind in new[] { "route", "cluster", "endpoint" })
        {
            var pushes = new List<(double Cpu, double Ms, double Bytes)>();
            for (var round = 0; round < Rounds; round++)
            {
                pushes.Add(await Push(plane, proxies, $"{kind} {(kind == "route" ? 0 : 500 + round)}", stop));
            }

            var of = $"{kind}_push";
            figures[$"{of}_cpu_ms{name}"] = pushes.Select(push => push.Cpu).Median();
            figures[$"{of}_wall_ms{name}"] = pushes.Select(push => push.Ms).Median();
            figures[$"{of}_kb{name}"] = pushes.Select(push => push.Bytes).Median() / 1000;
            output.WriteLine($"  {kind,-8} {figures[$"{of}_cpu_ms{name}"]:0} ms of CPU, {figures[$"{of}_wall_ms{name}"]:0} ms to the last acknowledgement, "
                + $"{figures[$"{of}_kb{name}"]:0.0} KB");
        }

        figures[$"broken{name}"] = proxies.Broken;
    }

    /// <summary>A mesh of 30,000 scopes and 130,000 endpoints: what one pool's change costs where a few follow it.</summary>
    private static async Task MeasureLarge(Cluster cluster, Dictionary<string, double> figures, TextWriter output, CancellationToken stop)
    {
        const int All = 30_000;
        const int AllEndpoints = 130_000;
        await using var plane = await Plane.Start(cluster, "xdslarge", stop);
        var clock = Stopwatch.StartNew();
        await plane.Tell($"scopes {All} {AllEndpoints}", stop);
        figures["large_load_s"] = clock.Elapsed.TotalSeconds;
        await using var proxies = new XdsProxies(plane.Address);
        await proxies.Connect(4, Keys(XdsPlane.DependenciesMax), stop);
        await plane.Settled(proxies, Patience, stop);
        var pushes = new List<(double Cpu, double Ms, double Bytes)>();
        for (var round = 0; round < Rounds; round++)
        {
            pushes.Add(await Push(plane, proxies, $"endpoint {round}", stop));
        }

        figures["large_endpoint_push_ms"] = pushes.Select(push => push.Ms).Median();
        figures["large_endpoint_push_cpu_ms"] = pushes.Select(push => push.Cpu).Median();
        output.WriteLine($"  {All} scopes: loaded in {figures["large_load_s"]:0.0} s; one pool's endpoints: {figures["large_endpoint_push_ms"]:0.0} ms");
    }

    /// <summary>One change: the plane's CPU until every acknowledgement is in, how long that takes, and the bytes that were sent.</summary>
    private static async Task<(double Cpu, double Ms, double Bytes)> Push(Plane plane, XdsProxies proxies, string change, CancellationToken stop)
    {
        var (cpu, bytes, clock) = (Proc.Cpu(plane.Pid), proxies.Bytes, Stopwatch.StartNew());
        await plane.Tell(change, stop);
        await plane.Settled(proxies, Patience, stop);
        return ((Proc.Cpu(plane.Pid) - cpu).TotalMilliseconds, clock.Elapsed.TotalMilliseconds, proxies.Bytes - bytes);
    }

    /// <summary>An <see cref="XdsPlane"/> seen from here.</summary>
    internal sealed class Plane(Child child, string folder, Uri address) : IAsyncDisposable
    {
        public int Pid => child.Pid;

        public Uri Address => address;

        public static async Task<Plane> Start(Cluster cluster, string name, CancellationToken stop)
        {
            var database = await cluster.CreateDatabase(name, stop);
            var folder = Directory.CreateTempSubdirectory("fury-bench-xds-").FullName;
            var (child, port) = await Child.Part([XdsPlane.Name, folder, database.ConnectionString], stop, asHost: true);
            return new(child, folder, new Uri($"http://127.0.0.1:{int.Parse(port, CultureInfo.InvariantCulture)}"));
        }

        public Task<string> Tell(string line, CancellationToken stop) => child.Ask(line, stop);

        /// <summary>Nothing is due and nothing under way on any stream.</summary>
        public async Task Settled(XdsProxies proxies, TimeSpan patience, CancellationToken stop)
        {
            var settled = child.Ask($"settled {proxies.Count}", stop).WaitAsync(patience, stop);
            await await Task.WhenAny(settled, proxies.Broke());
        }

        public async ValueTask DisposeAsync()
        {
            await child.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
