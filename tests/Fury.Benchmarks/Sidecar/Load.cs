using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Fury.Benchmarks.Sidecar;

/// <summary>What one round of load has seen.</summary>
internal sealed record Round(double RequestsPerSecond, double P50Ms, double P99Ms, long Failures);

/// <summary>Keep-alive connections in a closed loop: wrk when it is there, in a process of its own; else the loop below, in this process.</summary>
internal static partial class Load
{
    public const int Connections = 32;

    public static string Generator { get; } = Child.Find("wrk") is { } wrk ? wrk : "this program (wrk is not installed)";

    public static Task<Round> Run(int port, TimeSpan duration, CancellationToken cancellation) =>
        Child.Find("wrk") is { } wrk ? RunWrk(wrk, port, duration, cancellation) : RunHere(port, duration, cancellation);

    private static async Task<Round> RunWrk(string wrk, int port, TimeSpan duration, CancellationToken cancellation)
    {
        var seconds = duration.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        var (exitCode, output) = await Child.Run(
            wrk,
            ["-t1", $"-c{Connections}", $"-d{seconds}s", "--latency", "-H", $"Host: {Parts.Host}", $"http://127.0.0.1:{port}/"],
            cancellation);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"wrk has failed: {output}");
        }

        var failures = BadStatus().Match(output) is { Success: true } bad ? long.Parse(bad.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        if (SocketErrors().Match(output) is { Success: true } broken)
        {
            failures += broken.Groups.Values.Skip(1).Sum(group => long.Parse(group.Value, CultureInfo.InvariantCulture));
        }

        var rate = double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        return new(rate, Milliseconds(Median().Match(output)), Milliseconds(NinetyNinth().Match(output)), failures);
    }

    private static async Task<Round> RunHere(int port, TimeSpan duration, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var clients = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Client(port, clock, duration, cancellation)));
        var taken = clock.Elapsed;
        var latencies = clients.SelectMany(client => client.Latencies).Order().ToList();
        return new(
            latencies.Count / taken.TotalSeconds,
            latencies[latencies.Count / 2],
            latencies[(int)(latencies.Count * 0.99)],
            clients.Sum(client => client.Failures));
    }

    private static async Task<(List<double> Latencies, long Failures)> Client(
        int port, Stopwatch clock, TimeSpan duration, CancellationToken cancellation)
    {
        var request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {Parts.Host}\r\n\r\n");
        var (latencies, failures, buffer) = (new List<double>(), 0L, new byte[8192]);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
        while (clock.Elapsed < duration)
        {
            var begun = clock.Elapsed;
            await socket.SendAsync(request, cancellation);
            failures += await ReadAnswer(socket, buffer, cancellation) == 200 ? 0 : 1;
            latencies.Add((clock.Elapsed - begun).TotalMilliseconds);
        }

        return (latencies, failures);
    }

    /// <summary>Reads one answer with a length or in chunks, and gives its status.</summary>
    private static async Task<int> ReadAnswer(Socket socket, byte[] buffer, CancellationToken cancellation)
    {
        var filled = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled), cancellation);
            filled += read;
            var text = Encoding.ASCII.GetString(buffer, 0, filled);
            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var length = Length().Match(text);
            var isWhole = length.Success
                ? head >= 0 && filled - head - 4 >= int.Parse(length.Groups[1].Value, CultureInfo.InvariantCulture)
                : text.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
            if (isWhole)
            {
                return int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture);
            }

            if (read == 0)
            {
                throw new IOException("The connection was closed before the answer was whole.");
            }
        }
    }

    private static double Milliseconds(Match match) =>
        double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch
        {
            "us" => 0.001,
            "ms" => 1,
            "s" => 1000,
            var unit => throw new FormatException($"wrk speaks of '{unit}'."),
        };

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"50%\s+([\d.]+)([a-z]+)")]
    private static partial Regex Median();

    [GeneratedRegex(@"99%\s+([\d.]+)([a-z]+)")]
    private static partial Regex NinetyNinth();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex BadStatus();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex SocketErrors();

    [GeneratedRegex(@"content-length: (\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex Length();
}
