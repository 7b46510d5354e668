namespace Fury.Benchmarks.Monster;

/// <summary>Little Monster beside what its PostgreSQL can do, and beside its peers, on one server in one run.</summary>
internal static class MonsterBench
{
    private const string LongWord = "--long";

    private static readonly (string Name, Func<Ground, Task> Run)[] Parts =
    [
        ("speed", SpeedPart.Run),
        ("peers", PeersPart.Run),
        ("waiting", WaitingPart.Run),
        ("takeover", TakeoverPart.Run),
        ("reader", ReaderPart.Run),
        ("size", SizePart.Run),
    ];

    private static readonly Target[] Targets =
    [
        Target.Min("five_step_sagas_vs_pg_commits_c64", 0.5),
        Target.Min("five_step_sagas_vs_pg_commits_c512", 1.2),
        Target.Min("vs_dbos", 20),
        Target.Max("commits_per_saga_c64", 0.25),
        Target.Min("hot_update_ratio_c64", 0.95),
        Target.Max("idle_waiting_cpu_percent", 2),
        Target.Max("takeover_s", 10),
        Target.Max("takeover_broken_sagas", 0),
        Target.Min("throughput_with_open_reader_ratio", 0.9),
        Target.Max("cost_1e6_vs_1e4", 1.2),
    ];

    /// <summary>Names of parts (all, when none is said), and how long readers are.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Parts.Select(part => part.Name), LongWord];

    public static async Task<BenchResult> Run(TextWriter output, IReadOnlyList<string> words, CancellationToken cancellation)
    {
        await using var cluster = await Cluster.Start(cancellation);
        var ground = new Ground(
            cluster,
            await Yardstick.Prepare(cluster, cancellation),
            output,
            new Findings(),
            words.Contains(LongWord),
            cancellation);
        foreach (var (name, run) in Parts.Where(part => words.Contains(part.Name) || !words.Any(word => word != LongWord)))
        {
            ground.Say(name);
            await run(ground);
        }

        return new BenchResult("monster", ground.Findings.Figures, ground.Findings.Ratios) { Targets = Targets };
    }
}
