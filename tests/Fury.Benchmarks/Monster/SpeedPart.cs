namespace Fury.Benchmarks.Monster;

/// <summary>
/// Five-step sagas in a closed loop against Y, the rate at which the same server commits one insert and one update: before and after every
/// round, so that a busy moment of the machine meets both.
/// </summary>
internal static class SpeedPart
{
    public const int Rounds = 5;

    public static readonly TimeSpan RoundDuration = TimeSpan.FromSeconds(5);

    /// <summary>Until the compiler has seen which code is hot.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    /// <summary>A session of PostgreSQL reports its statistics ten seconds after its last work, at the latest.</summary>
    private static readonly TimeSpan StatisticsWithin = TimeSpan.FromSeconds(12);

    private const string StatisticsSql = """
        select t.n_tup_ins, t.n_tup_upd, t.n_tup_hot_upd, d.xact_commit
          from pg_stat_user_tables t, pg_stat_database d
         where t.schemaname = 'lm' and t.relname = 'saga' and d.datname = current_database()
        """;

    public static async Task Run(Ground ground)
    {
        var database = await ground.Cluster.CreateDatabase("speed", ground.Stop);
        await using var host = await HostProcess.Start(database, ground.Stop);
        var meter = new Meter(ground.Cluster, database, host);
        var sagas = (await host.Run("warm-up", 64, WarmUp, ground.Stop)).Count + (await host.Run("warm-up-512", 512, WarmUp, ground.Stop)).Count;
        foreach (var inFlight in new[] { 64, 512 })
        {
            sagas += await Measure(ground, database, meter, inFlight, sagas);
        }

        await host.Stop();
    }

    private static async Task<int> Measure(Ground ground, Database database, Meter meter, int inFlight, int sagasBefore)
    {
        var statistics = await Statistics(database, sagasBefore, ground.Stop);
        List<Sample> samples = [];
        List<Yard> yards = [await ground.Yardstick.Measure(ground.Stop)];
        for (var round = 1; round <= Rounds; round++)
        {
            samples.Add(await meter.Measure($"{inFlight}-{round}", inFlight, RoundDuration, ground.Stop));
            yards.Add(await ground.Yardstick.Measure(ground.Stop));
            ground.Say($"  c={inFlight,-3} {samples[^1]}  Y {yards[^1].PerSecond:N0}");
        }

        ground.WarnOfOthers(samples);
        var sagas = samples.Sum(sample => sample.Finished.Count);
        var (_, updates, hot, transactions) = await Statistics(database, sagasBefore + sagas, ground.Stop) - statistics;
        var (figures, of) = (ground.Findings.Figures, $"_c{inFlight}");
        ground.Findings.Ratios["five_step_sagas_vs_pg_commits" + of] = samples
            .Select((sample, round) => sample.Finished.PerSecond / ((yards[round].PerSecond + yards[round + 1].PerSecond) / 2))
            .Median();
        ground.Findings.Ratios["hot_update_ratio" + of] = hot / updates;
        ground.Findings.Ratios["postgres_cpu_vs_pg_commit" + of] =
            Median(samples, sample => sample.PostgresCpuMs) / yards.Select(yard => yard.CpuMs).Median();
        figures["sagas_per_second" + of] = Median(samples, sample => sample.Finished.PerSecond);
        figures["pg_commits_per_second" + of] = yards.Select(yard => yard.PerSecond).Median();
        figures["commits_per_saga" + of] = Median(samples, sample => sample.Commits);
        figures["transactions_per_saga" + of] = transactions / sagas;
        figures["wal_bytes_per_saga" + of] = Median(samples, sample => sample.WalBytes);
        figures["postgres_cpu_ms_per_saga" + of] = Median(samples, sample => sample.PostgresCpuMs);
        figures["host_cpu_ms_per_saga" + of] = Median(samples, sample => sample.HostCpuMs);
        figures["p50_ms" + of] = Median(samples, sample => sample.Finished.P50Ms);
        figures["foreign_cpu_share" + of] = Median(samples, sample => sample.Foreign);
        figures["p99_ms" + of] = Median(samples, sample => sample.Finished.P99Ms);
        return sagas;
    }

    private static double Median(List<Sample> samples, Func<Sample, double> figure) => samples.Select(figure).Median();

    /// <summary>As they are when they tell of so many sagas, or when all sessions must have reported.</summary>
    private static async Task<Statistics> Statistics(Database database, int sagas, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(StatisticsWithin);
        while (true)
        {
            var row = await database.Row(StatisticsSql, cancellation);
            if (row[0] >= sagas || late.IsCancellationRequested)
            {
                return new Statistics(row[0], row[1], row[2], row[3]);
            }

            await Task.Delay(200, cancellation);
        }
    }
}

/// <summary>PostgreSQL's own counters of <c>lm.saga</c> and of its database.</summary>
internal sealed record Statistics(double Inserts, double Updates, double HotUpdates, double Transactions)
{
    public static Statistics operator -(Statistics one, Statistics other) => new(
        one.Inserts - other.Inserts,
        one.Updates - other.Updates,
        one.HotUpdates - other.HotUpdates,
        one.Transactions - other.Transactions);
}
