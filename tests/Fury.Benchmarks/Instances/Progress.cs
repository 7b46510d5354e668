using System.Diagnostics;
using Dapper;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Benchmarks.Instances;

/// <summary>How far instances are: asked for at their clouds, and healthy on record.</summary>
internal sealed class Progress(IDatabase database, InstancesClouds clouds, TextWriter output)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private const string ReadySql = """
        select provider, count(*)::int from standard.instance where phase = 'ready' and pool is distinct from @except group by provider
        """;

    /// <summary>Whose instances do not count; null: nobody's.</summary>
    public PoolId? Except { get; set; }

    /// <summary>How long instances boot that are asked for from now on.</summary>
    public TimeSpan Boot
    {
        set => (clouds.Aws.BootTakes, clouds.Google.BootTakes, clouds.Azure.BootTakes) = (value, value, value);
    }

    /// <summary>Waits until so many are healthy.</summary>
    /// <param name="shares">Of each cloud, told when its part is done; null: nothing is told.</param>
    public async Task Until(
        int instances, IReadOnlyDictionary<string, double>? shares, Stopwatch began, TimeSpan patience, CancellationToken stop)
    {
        var (made, all) = (clouds.Made(), 0);
        HashSet<string> told = [];
        while (all < instances)
        {
            if (began.Elapsed > patience)
            {
                throw new TimeoutException($"{all:N0} of {instances:N0} were healthy within {patience.TotalMinutes} minutes.");
            }

            await Task.Delay(Look, stop);
            Tell("asked for", clouds.Made().Since(made));
            await using var connection = await database.Source.OpenConnectionAsync(stop);
            var ready = (await connection.QueryAsync<(string Provider, int Count)>(ReadySql, new { except = Except?.Value })).ToDictionary(
                row => row.Provider, row => row.Count);
            Tell("healthy", ready);
            all = ready.Values.Sum();
        }

        void Tell(string what, IReadOnlyDictionary<string, int> counts)
        {
            // Where a pool is not divided evenly, some zones have one more.
            const double Uneven = 0.99;
            foreach (var (cloud, count) in counts.Where(row => row.Value >= shares?[row.Key] * Uneven && told.Add($"{row.Key} {what}")))
            {
                output.WriteLine($"  {cloud}: {count:N0} {what} after {began.Elapsed.TotalSeconds:0.0} s");
            }
        }
    }
}
