using System.Diagnostics;
using System.Globalization;

namespace Fury.Benchmarks.Sdk;

/// <summary>The program that comes with Redis, which asks in C and does nothing with the answers.</summary>
internal static class RedisBenchmark
{
    private const int Requests = 400_000;

    /// <summary>Gets a second on one connection, as the SDK has one, with as many of them under way as there are callers of the SDK.</summary>
    /// <returns>Null where there is no such program.</returns>
    public static async Task<double?> Gets(Uri server, int underWay, int valueBytes, CancellationToken stop)
    {
        var start = new ProcessStartInfo(
            "redis-benchmark",
            [
                "-h", server.Host, "-p", $"{server.Port}", "-t", "set,get", "-n", $"{Requests}", "-c", "1", "-P", $"{underWay}", "-d", $"{valueBytes}",
                "--csv",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var program = Process.Start(start)!;
            var errors = program.StandardError.ReadToEndAsync(stop);
            var text = await program.StandardOutput.ReadToEndAsync(stop);
            await program.WaitForExitAsync(stop);
            await errors;
            var gets = text.Split('\n').Single(line => line.StartsWith("\"GET\"", StringComparison.Ordinal));
            return double.Parse(gets.Split(',')[1].Trim('"'), CultureInfo.InvariantCulture);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
