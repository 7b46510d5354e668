using Fury.Deployments.Judging;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Tests.Judging;

/// <summary>
/// A made-up scope in one location: load that swings by 30 %, errors that swing by 50 % in both arms alike, both slowly; errors that come in clumps, each
/// in one replica of one arm and within one tick, of geometric size; latencies with a tail, and replicas that stall.
/// </summary>
internal sealed record SimulatedTraffic
{
    private const int SlowBuckets = 5;
    private const double SlowShare = 0.1;

    public static readonly DateTimeOffset Start = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    public string Lane { get; init; } = "here";

    public TimeSpan Span { get; init; } = TimeSpan.FromSeconds(5);

    public double RequestsPerSecond { get; init; } = 1000;

    /// <summary>The candidate's part of the requests.</summary>
    public double Weight { get; init; } = 0.05;

    public double ErrorShare { get; init; } = 0.001;

    /// <summary>How many errors a clump has on average.</summary>
    public double Burst { get; init; } = 1;

    public int Candidates { get; init; } = 4;

    public int Currents { get; init; } = 20;

    /// <summary>Ticks before the candidate gets traffic.</summary>
    public int Before { get; init; }

    /// <summary>So many times the errors, from <see cref="Onset"/> on.</summary>
    public double Ratio { get; init; } = 1;

    /// <summary>So many times the slow requests, likewise.</summary>
    public double SlowRatio { get; init; } = 1;

    /// <summary>The tick, counted from the candidate's first request, with which it becomes worse.</summary>
    public int Onset { get; init; }

    /// <summary>The tick from which its first replica fails half of its requests, until it is replaced.</summary>
    public int? IllFrom { get; init; }

    /// <summary>Ticks in which both arms fail half of their requests.</summary>
    public Range? Incident { get; init; }

    /// <summary>By how much each replica's share of errors and slow requests differs from the others', for good: the spread of its logarithm.</summary>
    public double Unlike { get; init; }

    public bool TellsReplicas { get; init; } = true;

    public bool MeasuresLatency { get; init; } = true;

    /// <param name="ill">Asked before each tick: replicas that were found ill, which are replaced.</param>
    public IEnumerable<Tick> Ticks(int seed, int count, Func<IReadOnlyCollection<string>>? ill = null)
    {
        var random = new Random(seed);
        var (loadPhase, errorPhase) = (random.NextDouble() * Math.Tau, random.NextDouble() * Math.Tau);
        var (loadPeriod, errorPeriod) = (random.Next(300, 1800), random.Next(150, 1150));
        var candidates = Enumerable.Range(0, Candidates).Select(index => new Replica($"c{index}", Factor(random))).ToArray();
        var currents = Enumerable.Range(0, Currents).Select(index => new Replica($"s{index}", Factor(random))).ToArray();
        for (var tick = -Before; tick < count; tick++)
        {
            for (var index = 0; index < candidates.Length; index++)
            {
                if (ill?.Invoke().Contains(candidates[index].Name) == true)
                {
                    candidates[index] = new($"{candidates[index].Name}'", Factor(random));
                }
            }

            var at = (Before + tick) * Span.TotalSeconds;
            var load = RequestsPerSecond * Span.TotalSeconds * (1 + (0.3 * Math.Sin((Math.Tau * at / loadPeriod) + loadPhase)));
            var level = 1 + (0.5 * Math.Sin((Math.Tau * at / errorPeriod) + errorPhase));
            var incident = Incident is { } range && tick >= range.Start.Value && tick < range.End.Value;
            var worse = tick >= Onset;
            var weight = tick < 0 ? 0 : Weight;
            var candidate = ArmOf(candidates, load * weight, (index, rate) => incident || (index == 0 && tick >= IllFrom && !candidates[0].Name.EndsWith('\''))
                ? 0.5 : rate * (worse ? Ratio : 1), level, worse ? SlowRatio : 1, random);
            var current = ArmOf(currents, load * (1 - weight), (_, rate) => incident ? 0.5 : rate, level, 1, random);
            yield return new(Start + ((Before + tick + 1) * Span), Span, [new(Lane, candidate, current)]);
        }
    }

    public static int Poisson(Random random, double mean)
    {
        if (mean > 50)
        {
            return Math.Max(0, (int)Math.Round(mean + (Math.Sqrt(mean) * Normal(random))));
        }

        var (limit, product, count) = (Math.Exp(-mean), random.NextDouble(), 0);
        while (product > limit)
        {
            product *= random.NextDouble();
            count++;
        }

        return count;
    }

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());

    private double Factor(Random random) => Unlike == 0 ? 1 : Math.Exp((Unlike * Normal(random)) - (Unlike * Unlike / 2));

    private Arm ArmOf(Replica[] replicas, double load, Func<int, double, double> share, double level, double slowRatio, Random random)
    {
        var parts = new ReplicaCounts[replicas.Length];
        var latencies = MeasuresLatency ? new long[Latency.BucketBounds.Count + 1] : null;
        for (var index = 0; index < parts.Length; index++)
        {
            var requests = Poisson(random, load / replicas.Length);
            var errors = Clumps(random, requests * share(index, ErrorShare * level * replicas[index].Factor));
            var own = MeasuresLatency ? Latencies(random, requests, level * slowRatio * replicas[index].Factor) : null;
            for (var bucket = 0; bucket < own?.Length; bucket++)
            {
                latencies![bucket] += own[bucket];
            }

            parts[index] = new(replicas[index].Name, requests, Math.Min(requests, errors), own);
        }

        return new()
        {
            Requests = parts.Sum(part => part.Requests),
            Errors = parts.Sum(part => part.Errors),
            Latencies = latencies,
            Replicas = TellsReplicas ? parts : null,
            Ready = replicas.Length,
        };
    }

    private int Clumps(Random random, double errors)
    {
        var sum = 0;
        for (var clumps = Poisson(random, errors / Burst); clumps > 0; clumps--)
        {
            sum += Burst <= 1 ? 1 : 1 + (int)(Math.Log(1 - random.NextDouble()) / Math.Log(1 - (1 / Burst)));
        }

        return sum;
    }

    /// <summary>Nine in ten requests take 8 to 32 ms; the rest up to 180 ms, and five times as many while a replica stalls, one tick in fifty.</summary>
    private static long[] Latencies(Random random, int requests, double level)
    {
        var buckets = new long[Latency.BucketBounds.Count + 1];
        var (left, stall) = ((long)requests, random.NextDouble() < 0.02 ? 5.0 : 1.0);
        for (var step = 0; step < SlowBuckets; step++)
        {
            var slow = Math.Min(left, Poisson(random, requests * SlowShare * level * stall * Math.Pow(0.5, step + 1)));
            buckets[11 + step] = slow;
            left -= slow;
        }

        buckets[7] = left / 2;
        buckets[9] = left - buckets[7];
        return buckets;
    }

    private sealed record Replica(string Name, double Factor);
}
