namespace Fury.Benchmarks.Monster;

/// <summary>
/// What a saga costs beside 10,000, 100,000 and 1,000,000 that have ended: three databases, three hosts, and the same sample in turns. The
/// ended ones are copies of one that Little Monster ran, made by SQL; all have ended today, so they share one partition.
/// </summary>
internal static class SizePart
{
    private const int Rounds = 5;
    private const int InFlight = 64;
    private const int SampleSagas = 4_000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(1);

    private static readonly int[] Sizes = [10_000, 100_000, 1_000_000];

    public static async Task Run(Ground ground)
    {
        List<Shelf> shelves = [];
        try
        {
            foreach (var size in Sizes)
            {
                shelves.Add(await Shelf.Fill(ground, size));
            }

            for (var round = 1; round <= Rounds; round++)
            {
                foreach (var shelf in shelves)
                {
                    await shelf.Measure(ground, round);
                }
            }
        }
        finally
        {
            foreach (var shelf in shelves)
            {
                await shelf.Host.DisposeAsync();
            }
        }

        ground.WarnOfOthers(shelves.SelectMany(shelf => shelf.Samples));
        foreach (var (size, _, samples) in shelves)
        {
            ground.Findings.Figures[$"cpu_ms_per_saga_1e{Math.Log10(size):0}"] = samples.Select(sample => sample.CpuMs).Median();
            ground.Findings.Figures[$"sagas_per_second_1e{Math.Log10(size):0}"] = samples.Select(sample => sample.Finished.PerSecond).Median();
        }

        ground.Findings.Ratios["cost_1e6_vs_1e4"] = Ratio(shelves[^1], shelves[0], sample => sample.CpuMs);
        ground.Findings.Ratios["cost_1e5_vs_1e4"] = Ratio(shelves[1], shelves[0], sample => sample.CpuMs);
        ground.Findings.Ratios["throughput_1e6_vs_1e4"] = Ratio(shelves[^1], shelves[0], sample => sample.Finished.PerSecond);
    }

    /// <summary>The median of the rounds' ratios: each sample is compared with its neighbour in time.</summary>
    private static double Ratio(Shelf one, Shelf other, Func<Sample, double> figure) =>
        one.Samples.Zip(other.Samples, (first, second) => figure(first) / figure(second)).Median();

    /// <summary>A database with so many ended sagas, and a host on it.</summary>
    private sealed record Shelf(int Size, HostProcess Host, List<Sample> Samples)
    {
        private Meter Meter { get; init; } = null!;

        public static async Task<Shelf> Fill(Ground ground, int size)
        {
            var database = await ground.Cluster.CreateDatabase($"size_{size}", ground.Stop);
            var host = await HostProcess.Start(database, ground.Stop);
            await host.Run("warm-up", InFlight, WarmUp, ground.Stop);
            await database.Execute("truncate lm.done, lm.journal, lm.start_key", ground.Stop);
            await host.Ask<Finished>(new Order.Run("original", 1, Within.TotalSeconds, 1, Copies.FirstOriginal), ground.Stop);
            await new Copies(database).Make(
                ClosedLoop.Key("original", Copies.FirstOriginal), Copies.FirstOriginal, 0, size - 1, ground.Stop);
            await database.Execute("vacuum analyze", ground.Stop);
            ground.Say($"  {size,9:N0} sagas have ended, {size - 1:N0} of them copied by SQL");
            return new Shelf(size, host, []) { Meter = new Meter(ground.Cluster, database, host) };
        }

        public async Task Measure(Ground ground, int round)
        {
            var order = new Order.Run($"{round}", InFlight, Within.TotalSeconds, SampleSagas);
            Samples.Add(await Meter.Measure(() => Host.Ask<Finished>(order, ground.Stop), ground.Stop));
            ground.Say($"  {Size,9:N0}  {Samples[^1]}");
        }
    }
}
