using System.Diagnostics;

namespace Fury.Benchmarks.Monster;

/// <summary>One round of a closed loop, and what it cost the whole machine.</summary>
/// <param name="HostCpuMs">Of the process that runs the sagas and starts them, per saga.</param>
/// <param name="PostgresCpuMs">Of all the server's processes, per saga.</param>
/// <param name="Commits">Transaction numbers used up, per saga. Every transaction that writes takes one, whoever sends it, and reading
/// ones take none; unlike <c>xact_commit</c> it does not come late.</param>
/// <param name="Foreign">The share of all processors that went to others than these: with much of it, rates mean little.</param>
internal sealed record Sample(Finished Finished, double HostCpuMs, double PostgresCpuMs, double WalBytes, double Commits, double Foreign)
{
    public double CpuMs => HostCpuMs + PostgresCpuMs;

    public override string ToString() =>
        $"{Finished.PerSecond,7:N0} sagas/s  p50 {Finished.P50Ms,6:0.0} ms  p99 {Finished.P99Ms,6:0.0} ms  "
        + $"CPU ms: host {HostCpuMs:0.000}, PostgreSQL {PostgresCpuMs:0.000}  {Commits:0.000} commits  {WalBytes,6:N0} B WAL  foreign {Foreign,3:P0}";
}

/// <summary>Reads the clocks and counters around a round.</summary>
internal sealed class Meter(Cluster cluster, Database database, HostProcess host)
{
    private const string CountersSql =
        "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn, pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

    public async Task<Sample> Measure(string name, int inFlight, TimeSpan duration, CancellationToken cancellation) =>
        await Measure(() => host.Run(name, inFlight, duration, cancellation), cancellation);

    public async Task<Sample> Measure(Func<Task<Finished>> work, CancellationToken cancellation)
    {
        var before = await Read(cancellation);
        var finished = await work();
        var after = await Read(cancellation);
        var (host, postgres) = (after.Host - before.Host, after.Postgres - before.Postgres);
        return new Sample(
            finished,
            host.TotalMilliseconds / finished.Count,
            postgres.TotalMilliseconds / finished.Count,
            (after.Wal - before.Wal) / finished.Count,
            (after.Commits - before.Commits) / finished.Count,
            Math.Max(0, (after.Machine - before.Machine - host - postgres) / (after.At - before.At) / Environment.ProcessorCount));
    }

    private async Task<Reading> Read(CancellationToken cancellation)
    {
        var counters = await database.Row(CountersSql, cancellation);
        return new(Stopwatch.GetElapsedTime(0), Proc.MachineCpu(), Proc.Cpu(host.Pid), cluster.Cpu(), counters[0], counters[1]);
    }

    private sealed record Reading(TimeSpan At, TimeSpan Machine, TimeSpan Host, TimeSpan Postgres, double Wal, double Commits);
}
