using System.Diagnostics;
using Fury.Benchmarks.Placement;
using Fury.Deployments.Tests.Judging;
using Fury.Kernel;

namespace Fury.Benchmarks.Day;

/// <summary>
/// The deployments of a day, 19,000 of them, with 3 % bad releases of known kinds: the real machine and the real judge in made-up time. What is found, how
/// soon, what it has cost, and what was taken back that was good.
/// </summary>
internal static class DayBench
{
    private const int Deployments = 19_000;
    private const int Seed = 2026;
    private const double BadShare = 0.03;
    private const double TroubledShare = 0.02;

    private static readonly DateTimeOffset Midnight = new(2026, 11, 30, 0, 0, 0, TimeSpan.Zero);

    public static async Task<BenchResult> Run(TextWriter output, CancellationToken stop)
    {
        output.WriteLine($"  seed {Seed}; {Deployments:N0} deployments, {BadShare:P0} bad");
        var (clock, busy) = (Stopwatch.StartNew(), new Busyness());
        var parts = Plan().GroupBy(wanted => wanted.Number % Environment.ProcessorCount).Select(part => Task.Run(() => Simulate(part, stop), stop));
        var all = (await Task.WhenAll(parts)).SelectMany(part => part).OrderBy(one => one.Wanted.Number).ToList();

        Dictionary<string, double> figures = new()
        {
            ["deployments"] = all.Count,
            ["took_s"] = clock.Elapsed.TotalSeconds,
            ["in_flight_most"] = InFlightMost(all),
            ["peak_rss_mb"] = Process.GetCurrentProcess().PeakWorkingSet64 / 1024.0 / 1024,
            ["foreign_cpu_share"] = busy.Foreign(),
        };
        var (good, bad) = (all.Where(one => !one.Kind.IsBad()).ToList(), all.Where(one => one.Kind.IsBad()).ToList());
        figures["bad"] = bad.Count;
        figures["bad_found_share"] = bad.Count(one => one.DecidedAt is not null) / (double)bad.Count;
        figures["good_taken_back_per_1000"] = 1000.0 * good.Count(one => one.IsTakenBack) / good.Count;
        figures["held_per_1000"] = 1000.0 * all.Count(one => one.WasHeld) / all.Count;
        figures["excess_errors_of_bad_median"] = bad.Select(one => one.Excess).Median();
        output.WriteLine();
        output.WriteLine("  | bad release | deployments | taken back | asked a person | found after, median (p95) | requests to it | excess errors |");
        output.WriteLine("  |---|---|---|---|---|---|---|");
        foreach (var same in bad.GroupBy(one => (one.Kind, one.Strategy)).OrderBy(same => same.Key))
        {
            var found = same.Where(one => one.DecidedAt is not null).ToList();
            double[] seconds = [.. found.Select(Seconds).Order()];
            output.WriteLine(
                $"  | {Word.Of(same.Key.Kind)}, {Word.Of(same.Key.Strategy)} | {same.Count()} | {found.Count} | {same.Count(one => one.WasHeld)} "
                + (seconds.Length == 0 ? "| |" : $"| {seconds[seconds.Length / 2]:N0} s ({seconds[seconds.Length * 95 / 100]:N0} s) |")
                + $" {same.Select(one => (double)one.Requests).Median():N0} | {same.Select(one => one.Excess).Median():N0} |");
        }

        output.WriteLine();
        output.WriteLine("  | good release | deployments | taken back | asked a person | took, median (p95) |");
        output.WriteLine("  |---|---|---|---|---|");
        foreach (var same in good.GroupBy(one => (one.Kind, one.Strategy)).OrderBy(same => same.Key))
        {
            double[] minutes = [.. same.Select(one => (one.EndedAt - one.Wanted.At).TotalMinutes).Order()];
            output.WriteLine(
                $"  | {Word.Of(same.Key.Kind)}, {Word.Of(same.Key.Strategy)} | {same.Count():N0} | {same.Count(one => one.IsTakenBack)} "
                + $"| {same.Count(one => one.WasHeld)} | {minutes[minutes.Length / 2]:0.#} min ({minutes[minutes.Length * 95 / 100]:0.#} min) |");
        }

        foreach (var wrong in good.Where(one => one.IsTakenBack).Take(10))
        {
            output.WriteLine($"  taken back, though good: {wrong.Wanted}: {wrong.Reason}");
        }

        output.WriteLine();
        return new("day", figures, new Dictionary<string, double>()) { Targets = [Target.Max("good_taken_back_per_1000", 1)] };

    }

    private static double Seconds(Ended found) =>
        found.FirstServedAt is { } first ? Math.Max(0, (found.DecidedAt!.Value - first).TotalSeconds) : 0;

    /// <summary>Most come in working hours.</summary>
    private static IEnumerable<Wanted> Plan()
    {
        var random = new Random(Seed);
        Kind[] bad = [.. Enum.GetValues<Kind>().Where(kind => kind.IsBad())];
        for (var number = 0; number < Deployments; number++)
        {
            var hour = Math.Clamp(14 + (3.5 * SimulatedTraffic.Normal(random)), 0, 23.99);
            var draw = random.NextDouble();
            var kind = draw < BadShare ? bad[random.Next(bad.Length)]
                : draw < BadShare + TroubledShare ? (Kind)random.Next(1, 3)
                : Kind.Good;
            yield return new(number, DayScope.Of(random), kind, Midnight.AddHours(hour), random.Next());
        }
    }

    /// <summary>In the order of time, so that what is in flight at once is in memory at once, and no more.</summary>
    private static List<Ended> Simulate(IEnumerable<Wanted> wanted, CancellationToken stop)
    {
        Queue<Wanted> coming = new(wanted.OrderBy(one => one.At));
        PriorityQueue<DayDeployment, DateTimeOffset> running = new();
        List<Ended> ended = [];
        while (coming.Count + running.Count > 0)
        {
            stop.ThrowIfCancellationRequested();
            if (coming.TryPeek(out var first) && !(running.TryPeek(out _, out var next) && next < first.At))
            {
                running.Enqueue(new(coming.Dequeue()), first.At);
                continue;
            }

            var one = running.Dequeue();
            one.Advance();
            if (one.Ended)
            {
                ended.Add(one.ToEnded());
            }
            else
            {
                running.Enqueue(one, one.NextAt);
            }
        }

        return ended;
    }

    private static int InFlightMost(IEnumerable<Ended> all)
    {
        var (now, most) = (0, 0);
        foreach (var (_, change) in all.SelectMany(one => new[] { (one.Wanted.At, 1), (one.EndedAt, -1) }).Order())
        {
            most = Math.Max(most, now += change);
        }

        return most;
    }
}
