using System.Diagnostics;
using Fury.Compute.Standard.Autoscaling;
using Fury.Compute.Standard.Tests.Autoscaling;
using Fury.Kernel;

namespace Fury.Benchmarks.Autoscaling;

/// <summary>
/// What deciding about all scopes costs, and what the decisions are worth: the same days of load, by the same harness, through Fury's autoscaler and through a
/// reactive one with the defaults of Kubernetes' own.
/// </summary>
internal static class AutoscalerBench
{
    private const int Seed = 20261127;
    private const int Scopes = 30_000;
    private const int Ticks = 20;

    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private static readonly AutoscalePolicy Policy = new([new("cpu", 60), new("requests", 100)], [new("queue", 1000, 5)]);

    public static Task<BenchResult> Run(TextWriter output, CancellationToken cancellation)
    {
        var figures = new Dictionary<string, double>();
        var ratios = new Dictionary<string, double>();
        foreach (var scopes in new[] { Scopes / 4, Scopes / 2, Scopes, 2 * Scopes })
        {
            figures[$"tick_{scopes}_ms"] = Tick(scopes, cancellation);
            output.WriteLine($"{scopes,7:N0} scopes evaluated in {figures[$"tick_{scopes}_ms"]:0.0} ms, median of {Ticks} ticks on one core");
        }

        var (ours, theirs) = (new Cost(0, 0), new Cost(0, 0));
        foreach (var (name, load) in LoadShapes.All)
        {
            cancellation.ThrowIfCancellationRequested();
            var (fury, reactive) = (Simulation.Fury(load, Seed), Simulation.Reactive(load, Seed));
            output.WriteLine(
                $"{name,-20} short of capacity {fury.UnderSeconds,6:N0} s, {fury.InstanceHours,6:N0} instance-hours; "
                + $"reactive {reactive.UnderSeconds,6:N0} s, {reactive.InstanceHours,6:N0}");
            (ours, theirs) = (ours + fury, theirs + reactive);
        }

        output.WriteLine($"Loads are made by seed {Seed} and are no recordings.");
        figures["under_capacity_s"] = ours.UnderSeconds;
        figures["reactive_under_capacity_s"] = theirs.UnderSeconds;
        figures["instance_hours"] = ours.InstanceHours;
        figures["reactive_instance_hours"] = theirs.InstanceHours;
        ratios["under_capacity_vs_reactive"] = ours.UnderSeconds / theirs.UnderSeconds;
        ratios["instance_hours_vs_reactive"] = ours.InstanceHours / theirs.InstanceHours;
        Target[] targets = [Target.Max($"tick_{Scopes}_ms", 1000), Target.Max("under_capacity_vs_reactive", 1), Target.Max("instance_hours_vs_reactive", 1)];
        return Task.FromResult(new BenchResult("autoscaler", figures, ratios) { Targets = targets });
    }

    /// <summary>Milliseconds that one thread takes for a look at all of them, with a day learned and all metrics there.</summary>
    private static double Tick(int scopes, CancellationToken cancellation)
    {
        var chance = new Random(Seed);
        var day = DayProfile.None;
        for (var bucket = 0; bucket < DayProfile.Buckets; bucket++)
        {
            day = day.With(bucket, 5 + (10 * chance.NextDouble()));
        }

        var states = Enumerable.Range(0, scopes).Select(_ => AutoscaleState.New(Start, day)).ToArray();
        var sizes = Enumerable.Repeat(5, scopes).ToArray();
        var times = new List<double>();
        for (var tick = 0; tick < Ticks; tick++)
        {
            cancellation.ThrowIfCancellationRequested();
            var now = Start.AddSeconds(15 * tick);
            var readings = Enumerable.Range(0, scopes).Select(scope => new Reading(now, Values(chance), sizes[scope], Floor: 2, Ceiling: 100)).ToArray();
            var watch = Stopwatch.StartNew();
            for (var scope = 0; scope < scopes; scope++)
            {
                (states[scope], var wanted) = Autoscaler.Decide(Policy, states[scope], readings[scope]);
                sizes[scope] = wanted.Replicas;
            }

            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        return times.Order().ElementAt(Ticks / 2);
    }

    private static Dictionary<string, double> Values(Random chance) => new()
    {
        ["cpu"] = 200 + (400 * chance.NextDouble()),
        ["requests"] = 300 + (500 * chance.NextDouble()),
        ["queue"] = 2000 * chance.NextDouble(),
    };
}
