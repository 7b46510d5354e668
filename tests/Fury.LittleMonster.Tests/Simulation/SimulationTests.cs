using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>It takes all cores, so tests that measure waiting do not run beside it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "simulation";
}

/// <summary>
/// Little Monster as it is, in simulated worlds in which everything goes wrong. A failure names its seed:
/// <c>FURY_SEED=4711 dotnet test --filter Simulation</c> runs it again, exactly.
/// </summary>
[Collection(Alone.Name)]
public sealed class SimulationTests(ITestOutputHelper output)
{
    private static readonly int? OneSeed =
        int.TryParse(Environment.GetEnvironmentVariable("FURY_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : null;

    private static readonly int? Seconds =
        int.TryParse(Environment.GetEnvironmentVariable("FURY_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    [Fact]
    public void Whatever_happens_every_saga_is_done_whole_or_not_at_all() => RunFor(TimeSpan.FromSeconds(Seconds ?? 20), 1);

    [Fact]
    [Trait("Category", "Soak")]
    public void Whatever_happens_for_a_long_time_every_saga_is_done_whole_or_not_at_all() => RunFor(TimeSpan.FromSeconds(Seconds ?? 600), 1_000_000);

    /// <summary>
    /// A start that a host gave up was done late, beside the one that was then asked for under the same id through the inbox; and two hosts, one of which
    /// had not joined yet, minted the same id, since their clocks came to the same millisecond minutes apart. A
    /// saga whose shard was given up in the very moment of its next call was woken by its former owner.
    /// </summary>
    [Theory]
    [InlineData(63)]
    [InlineData(1_002_814)]
    [InlineData(1_002_943)]
    [InlineData(1_003_749)]
    public void A_seed_that_once_saw_something_sees_nothing_any_more(int seed) => Assert.Null(Run(seed).Violation);

    [Fact]
    public void A_seed_gives_the_same_run_again()
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            Assert.Equal(Run(seed, rough: true), Run(seed, rough: true));
        }
    }

    /// <summary>On a thread of its own, which nobody else's continuations want.</summary>
    internal static SimulationRun Run(int seed, Flaws? flaws = null, bool rough = false)
    {
        SimulationRun? run = null;
        var thread = new Thread(() => run = new Simulation(seed, flaws, rough).Run());
        thread.Start();
        thread.Join();
        return run!;
    }

    /// <summary>With its story in a file.</summary>
    private SimulationRun Told(int seed)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"simulation-{seed}.txt");
        output.WriteLine($"The story of this run is in {path}");
        using var story = new StreamWriter(path);
        return new Simulation(seed, listener: story.WriteLine).Run();
    }

    private void RunFor(TimeSpan budget, int firstSeed)
    {
        var (begun, used, next) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, firstSeed - 1);
        List<SimulationRun> runs = [];
        var threads = Enumerable.Range(0, OneSeed is null ? Environment.ProcessorCount : 1).Select(_ => new Thread(() =>
        {
            while (Stopwatch.GetElapsedTime(begun) < budget)
            {
                var run = OneSeed is { } seed ? Told(seed) : new Simulation(Interlocked.Increment(ref next)).Run();
                lock (runs)
                {
                    runs.Add(run);
                }

                if (run.Violation is not null || OneSeed is not null)
                {
                    break;
                }
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        output.WriteLine(Tell(runs, Stopwatch.GetElapsedTime(begun), Environment.CpuUsage.TotalTime - used));
        var failed = runs.Where(run => run.Violation is not null).ToArray();
        Assert.True(failed.Length == 0, string.Join('\n', failed.Select(run => $"{run.Violation}\nAgain: FURY_SEED={run.Seed}")));
    }

    private static string Tell(List<SimulationRun> runs, TimeSpan took, TimeSpan used) => string.Create(
        CultureInfo.InvariantCulture,
        $"{runs.Sum(run => run.Sagas):n0} sagas ({runs.Sum(run => run.Sagas) / took.TotalSeconds:n0}/s, "
        + $"{runs.Sum(run => run.Sagas) / used.TotalSeconds:n0} for each second of a core) in {runs.Count:n0} worlds, "
        + $"{runs.Sum(run => run.Time.TotalHours):n1} simulated hours: {runs.Sum(run => run.Compensated):n0} undone, {runs.Sum(run => run.Stuck):n0} stuck; "
        + $"{runs.Sum(run => run.Troubles):n0} troubles, {runs.Sum(run => run.CloudFaults):n0} faults of the cloud, "
        + $"{runs.Sum(run => run.Losses):n0} of the network, {runs.Sum(run => run.Commits):n0} writes; "
        + $"seeds {runs.Min(run => run.Seed)} to {runs.Max(run => run.Seed)}");
}
