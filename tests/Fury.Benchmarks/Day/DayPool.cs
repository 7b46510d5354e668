using Fury.Compute.Contracts;
using Fury.Deployments.Planning;
using Fury.Deployments.Tests.Judging;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Benchmarks.Day;

/// <summary>A pool of made-up replicas, and what it has met.</summary>
internal sealed class DayPool(DayScope scope, PoolPlan plan, Kind kind, bool isCandidate, Random random)
{
    private const double SlowShare = 0.05;
    private const int UsualBucket = 9;
    private const int SlowBucket = 13;
    private const int ThreeTimesSlower = 3;

    private static readonly TimeSpan StartsIn = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ComesBackIn = TimeSpan.FromSeconds(10);

    private readonly List<Replica> _replicas = [];
    private PoolPhase _phase = PoolPhase.Active;
    private int _wanted;
    private int _floor;
    private DateTimeOffset _at;

    public PoolId Id => plan.Id;

    public decimal Weight { get; set; }

    public long Requests { get; private set; }

    /// <summary>More than it would have had if it were good.</summary>
    public double Excess { get; private set; }

    public DateTimeOffset? FirstServedAt { get; private set; }

    public void Scale(int replicas, int floor, DateTimeOffset now, bool atOnce = false)
    {
        (_wanted, _floor) = (Math.Max(replicas, floor), floor);
        while (_replicas.Count(replica => !replica.IsGone) < _wanted)
        {
            _replicas.Add(new(InstanceId.From(NewId()), atOnce ? now : now + StartsIn, now) { IsOnSickMachine = isCandidate && _replicas.Count == 0 });
        }
    }

    public void SetFloor(int floor, DateTimeOffset now) => Scale(_wanted, floor, now);

    public void Replace(InstanceId sick, DateTimeOffset now)
    {
        _replicas.First(replica => replica.Id == sick).IsGone = true;
        Scale(_wanted, _floor, now);
    }

    public void Retire() => _phase = PoolPhase.Retired;

    /// <summary>When a replica that is not ready will be.</summary>
    public DateTimeOffset? ReadyNext(DateTimeOffset now) => kind == Kind.NeverReady && isCandidate
        ? null
        : _replicas.Where(replica => !replica.IsGone && replica.ReadyAt > now).Select(replica => (DateTimeOffset?)replica.ReadyAt).Min();

    public PoolState StateAt(DateTimeOffset now, Catalog.Contracts.Release release)
    {
        var spec = new PoolSpec(
            plan.Id,
            new(release.Id, release.Scope, release.Version, release.Artifact, release.Environment, release.Size, release.HealthPath),
            plan.Location,
            _wanted,
            _floor,
            plan.Ceiling);
        return new(
            spec,
            _phase,
            [
                .. from replica in _replicas
                   where !replica.IsGone && _phase == PoolPhase.Active
                   let phase = replica.ReadyAt <= now && !(kind == Kind.NeverReady && isCandidate) ? ReplicaPhase.Ready : ReplicaPhase.Starting
                   select new ReplicaState(replica.Id, phase, "127.0.0.1", 1, replica.Restarts, null),
            ],
            Revision: 1);
    }

    public PoolTraffic Traffic() => new(
        plan.Id, Requests, _replicas.Sum(replica => replica.Errors), 0, 1, Sum())
    {
        Replicas = [.. _replicas.Select(replica => new ReplicaTraffic(replica.Id, replica.Requests, replica.Errors, [.. replica.Latencies]))],
    };

    /// <summary>Meets what comes from the last time until now.</summary>
    /// <param name="served">How long the candidate has had traffic.</param>
    public void Until(DateTimeOffset now, TimeSpan served)
    {
        var (span, before) = (now - _at, _at);
        _at = now;
        if (before == default || span <= TimeSpan.Zero)
        {
            return;
        }

        Crash(now);
        List<Replica> ready = [.. _replicas.Where(replica => !replica.IsGone && replica.ReadyAt <= now)];
        if (Weight == 0 || ready.Count == 0)
        {
            return;
        }

        FirstServedAt ??= before;
        var load = scope.LoadAt(now.TimeOfDay) * (double)(Weight / 100) * span.TotalSeconds / ready.Count;
        foreach (var replica in ready)
        {
            var requests = SimulatedTraffic.Poisson(random, load);
            var share = kind.Errors(scope.ErrorShare, isCandidate, replica.IsOnSickMachine, served);
            var errors = share >= 1 ? requests : Math.Min(requests, Clumps(requests * share));
            var slow = SimulatedTraffic.Poisson(random, requests * SlowShare);
            var slower = isCandidate && kind == Kind.ThreeTimesSlower ? ThreeTimesSlower : 0;
            replica.Requests += requests;
            replica.Errors += errors;
            replica.Latencies[SlowBucket + slower] += Math.Min(requests, slow);
            replica.Latencies[UsualBucket + slower] += requests - Math.Min(requests, slow);
            Requests += requests;
            Excess += errors - (requests * scope.ErrorShare);
        }
    }

    private void Crash(DateTimeOffset now)
    {
        if (!isCandidate || kind.CrashesEvery() is not { } every)
        {
            return;
        }

        foreach (var replica in _replicas.Where(replica => !replica.IsGone && replica.ReadyAt <= now && now - replica.BegunAt >= every))
        {
            (replica.Restarts, replica.BegunAt, replica.ReadyAt) = (replica.Restarts + 1, now, now + ComesBackIn);
        }
    }

    private int Clumps(double errors)
    {
        var sum = 0;
        for (var clumps = SimulatedTraffic.Poisson(random, errors / scope.Burst); clumps > 0; clumps--)
        {
            sum += 1 + (int)(Math.Log(1 - random.NextDouble()) / Math.Log(1 - (1 / scope.Burst)));
        }

        return sum;
    }

    private long[] Sum()
    {
        var sum = new long[Latency.BucketBounds.Count + 1];
        foreach (var replica in _replicas)
        {
            for (var bucket = UsualBucket; bucket <= SlowBucket + ThreeTimesSlower; bucket++)
            {
                sum[bucket] += replica.Latencies[bucket];
            }
        }

        return sum;
    }

    private Guid NewId()
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new(bytes);
    }

    private sealed class Replica(InstanceId id, DateTimeOffset readyAt, DateTimeOffset begunAt)
    {
        public InstanceId Id => id;

        public DateTimeOffset ReadyAt { get; set; } = readyAt;

        public DateTimeOffset BegunAt { get; set; } = begunAt;

        public bool IsGone { get; set; }

        public bool IsOnSickMachine { get; init; }

        public int Restarts { get; set; }

        public long Requests { get; set; }

        public long Errors { get; set; }

        public long[] Latencies { get; } = new long[Latency.BucketBounds.Count + 1];
    }
}
