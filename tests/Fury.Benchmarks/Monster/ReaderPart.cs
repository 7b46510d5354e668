namespace Fury.Benchmarks.Monster;

/// <summary>
/// The same closed loop without and with somebody who keeps a REPEATABLE READ transaction open, so that no version of any row that has died
/// since can be cleaned away.
/// </summary>
internal static class ReaderPart
{
    private const int InFlight = 64;
    private const int SlicesWithout = 2;

    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Standard = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    public static async Task Run(Ground ground)
    {
        var database = await ground.Cluster.CreateDatabase("reader", ground.Stop);
        await using var host = await HostProcess.Start(database, ground.Stop);
        var meter = new Meter(ground.Cluster, database, host);
        await host.Run("warm-up", InFlight, SpeedPart.WarmUp, ground.Stop);
        var open = ground.Long ? Long : Standard;

        var without = await Slices(ground, meter, "before", SlicesWithout);
        List<Sample> with;
        await using (var reader = await database.Open(ground.Stop))
        {
            await using var transaction = await reader.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ground.Stop);
            await using var look = reader.CreateCommand();
            look.CommandText = "select count(*) from lm.saga";
            await look.ExecuteScalarAsync(ground.Stop);
            with = await Slices(ground, meter, "reader", (int)(open / Slice));
        }

        // As autovacuum would within the minute.
        await database.Execute("vacuum", ground.Stop);
        without.AddRange(await Slices(ground, meter, "after", SlicesWithout));
        await host.Stop();

        ground.WarnOfOthers([.. without, .. with]);
        var last = with.TakeLast(SlicesWithout).ToList();
        var ratios = ground.Findings.Ratios;
        ratios["throughput_with_open_reader_ratio"] = Rate(with) / Rate(without);
        ratios["throughput_at_end_of_open_reader_ratio"] = Rate(last) / Rate(without);
        ratios["cpu_with_open_reader_ratio"] = Cpu(with) / Cpu(without);
        ground.Findings.Figures["open_reader_s"] = open.TotalSeconds;
        ground.Say($"  the reader was open for {open.TotalSeconds:0} s{(ground.Long ? "" : " (--long makes it 300 s)")}");
    }

    private static async Task<List<Sample>> Slices(Ground ground, Meter meter, string name, int count)
    {
        List<Sample> samples = [];
        for (var slice = 1; slice <= count; slice++)
        {
            samples.Add(await meter.Measure($"{name}-{slice}", InFlight, Slice, ground.Stop));
            ground.Say($"  {name,-7} {samples[^1]}");
        }

        return samples;
    }

    private static double Rate(List<Sample> samples) => samples.Select(sample => sample.Finished.PerSecond).Median();

    private static double Cpu(List<Sample> samples) => samples.Select(sample => sample.CpuMs).Median();
}
