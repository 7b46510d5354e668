using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fury.Benchmarks.Sidecar;

/// <summary>
/// The same backend directly, through the sidecar, and through YARP alone, HAProxy, HAProxy as the sidecar drives it, and nginx, in turns, so that a busy
/// moment of the machine meets all.
/// </summary>
internal static class SidecarBench
{
    private const int Rounds = 7;

    /// <summary>What the sidecar is held to: a third of what HAProxy does, which is written in C and does less for a request.</summary>
    private static readonly Target[] Targets = [Target.Min("sidecarToHaproxyRequestsPerSecond", 1.0 / 3)];

    private static readonly (string One, string Other)[] Compared =
    [
        ("sidecar", "direct"), ("sidecar", "yarp"), ("sidecar", "haproxy"), ("sidecar", "nginx"), ("driven", "haproxy"), ("haproxy", "direct"),
        ("nginx", "direct"),
    ];

    private static readonly TimeSpan RoundDuration = TimeSpan.FromSeconds(4);

    public static async Task<BenchResult> Run(TextWriter output, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("fury-bench-").FullName;
        var (backend, backendPort) = await Child.Part(["backend"], cancellation);
        await using var backendEnd = backend;
        var (sidecar, sidecarPort) = await Child.Part(["sidecar", backendPort, "yarp"], cancellation);
        await using var sidecarEnd = sidecar;
        var (yarp, yarpPort) = await Child.Part(["yarp", backendPort], cancellation);
        await using var yarpEnd = yarp;
        List<(string Name, int Port)> targets =
            [("direct", Number(backendPort)), ("sidecar", Number(sidecarPort)), ("yarp", Number(yarpPort))];
        var program = await Haproxy.Find(output, cancellation);
        await using var haproxy = await StartPeer("haproxy", program, Haproxy.Start, folder, targets, cancellation);
        await using var driven = program is null ? null : await StartDriven(backendPort, targets, cancellation);
        await using var nginx = await StartPeer("nginx", await Nginx.Find(output, cancellation), Nginx.Start, folder, targets, cancellation);

        output.WriteLine($"{Load.Connections} connections in a closed loop from {Load.Generator}; {Rounds} rounds of {RoundDuration.TotalSeconds} s each");
        var rounds = await Measure(targets, output, cancellation);
        Directory.Delete(folder, recursive: true);
        return Result(rounds);
    }

    /// <param name="program">Null when it is not there.</param>
    /// <param name="start">Given the program, a folder, the port to listen on and that of the backend.</param>
    private static async Task<Child?> StartPeer(
        string name,
        string? program,
        Func<string, string, int, int, Child> start,
        string folder,
        List<(string Name, int Port)> targets,
        CancellationToken cancellation)
    {
        if (program is null)
        {
            return null;
        }

        var port = FreePort();
        var child = start(program, folder, port, targets[0].Port);
        await WaitFor(port, cancellation);
        targets.Add((name, port));
        return child;
    }

    /// <summary>The sidecar whose requests HAProxy carries.</summary>
    private static async Task<Child> StartDriven(string backendPort, List<(string Name, int Port)> targets, CancellationToken cancellation)
    {
        var (child, port) = await Child.Part(["sidecar", backendPort, "haproxy"], cancellation);
        targets.Add(("driven", Number(port)));
        return child;
    }

    private static async Task<Dictionary<string, List<Round>>> Measure(
        List<(string Name, int Port)> targets, TextWriter output, CancellationToken cancellation)
    {
        var rounds = targets.ToDictionary(target => target.Name, _ => new List<Round>());
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (name, port) in targets)
            {
                var seen = await Load.Run(port, RoundDuration, cancellation);
                if (seen.Failures > 0)
                {
                    throw new InvalidOperationException($"{name}: {seen.Failures} requests have failed.");
                }

                // The first round warms up.
                if (round > 0)
                {
                    rounds[name].Add(seen);
                    output.WriteLine($"  {round} {name,-8} {seen.RequestsPerSecond,9:N0}/s  p50 {seen.P50Ms,7:0.00} ms  p99 {seen.P99Ms,7:0.00} ms");
                }
            }
        }

        return rounds;
    }

    private static BenchResult Result(Dictionary<string, List<Round>> rounds)
    {
        var figures = new Dictionary<string, double>();
        foreach (var (name, seen) in rounds)
        {
            figures[$"{name}RequestsPerSecond"] = seen.Select(round => round.RequestsPerSecond).Median();
            figures[$"{name}P50Ms"] = seen.Select(round => round.P50Ms).Median();
            figures[$"{name}P99Ms"] = seen.Select(round => round.P99Ms).Median();
        }

        var ratios = new Dictionary<string, double>();
        foreach (var (one, other) in Compared)
        {
            if (rounds.TryGetValue(one, out var ours) && rounds.TryGetValue(other, out var theirs))
            {
                ratios[$"{one}To{Capital(other)}RequestsPerSecond"] = Ratio(ours, theirs, round => round.RequestsPerSecond);
                ratios[$"{one}To{Capital(other)}P50"] = Ratio(ours, theirs, round => round.P50Ms);
                ratios[$"{one}To{Capital(other)}P99"] = Ratio(ours, theirs, round => round.P99Ms);
            }
        }

        return new("sidecar", figures, ratios) { Targets = Targets };
    }

    /// <summary>The median of the rounds' ratios: each round is compared with its neighbour in time.</summary>
    private static double Ratio(List<Round> one, List<Round> other, Func<Round, double> figure) =>
        one.Zip(other, (first, second) => figure(first) / figure(second)).Median();

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task WaitFor(int port, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        while (true)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, deadline.Token);
            }
        }
    }
}
