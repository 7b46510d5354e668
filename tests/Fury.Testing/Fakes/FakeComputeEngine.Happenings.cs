using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Testing;

/// <summary>What it can be told to do, beside what engines are asked for.</summary>
public sealed partial class FakeComputeEngine
{
    /// <summary>The next <see cref="Ensure"/>, <see cref="SetFloor"/>, <see cref="Replace"/> or <see cref="Retire"/> is refused; calls add up.</summary>
    public void FailNext(Fault fault)
    {
        lock (_lock)
        {
            _faults.Enqueue(fault);
        }
    }

    /// <summary>Replicas of this release start and never get ready.</summary>
    public void NeverReady(ReleaseId release)
    {
        lock (_lock)
        {
            _neverReady.Add(release);
        }
    }

    /// <summary>Replicas of this release cannot be launched; the pool says <paramref name="problem"/> and has none.</summary>
    public void CannotStart(ReleaseId release, Fault problem)
    {
        lock (_lock)
        {
            _cannotStart[release] = problem;
        }
    }

    /// <summary>Every replica of the pool that is not stopping becomes ready.</summary>
    public void BecomeReady(PoolId pool) => ChangeAll(pool, replica => replica with { Phase = ReplicaPhase.Ready, Reason = null });

    /// <summary>Every replica of the pool stops answering its health check.</summary>
    public void BecomeUnready(PoolId pool, string reason = "The health check fails.") =>
        ChangeAll(pool, replica => replica with { Phase = ReplicaPhase.Unready, Reason = reason });

    /// <summary>Every replica's process ends by itself and waits for its restart; <see cref="BecomeReady"/> is its recovery.</summary>
    public void Crash(PoolId pool) => ChangeAll(
        pool,
        replica => replica with { Phase = ReplicaPhase.Unready, Restarts = replica.Restarts + 1, Reason = "The process has ended." });

    /// <summary>The last replicas of a retiring pool, and the surplus of an active one, are gone.</summary>
    public void FinishStopping(PoolId pool)
    {
        lock (_lock)
        {
            var state = _pools[pool];
            Save(state with
            {
                Phase = state.Phase == PoolPhase.Retiring ? PoolPhase.Retired : state.Phase,
                Replicas = [.. state.Replicas.Where(replica => replica.Phase != ReplicaPhase.Stopping)],
            });
        }
    }

    /// <summary>Every replica of the pool writes this line.</summary>
    public void Write(PoolId pool, string text)
    {
        lock (_lock)
        {
            _lines.AddRange(_pools[pool].Replicas.Select(replica => new LogLine(pool, replica.Id, null, text)));
            _lineWritten.SetResult();
            _lineWritten = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>The replica is seen to have used so much more CPU, and to hold so much memory now.</summary>
    public void Use(PoolId pool, InstanceId replica, double cpuSeconds, long memoryBytes) =>
        Measure(pool, replica, usage => usage with { CpuSeconds = usage.CpuSeconds + cpuSeconds, MemoryBytes = memoryBytes });

    /// <summary>The replica's process is ended for want of memory, and is started again at once.</summary>
    public void RunOutOfMemory(PoolId pool, InstanceId replica)
    {
        Measure(pool, replica, usage => usage with { OutOfMemoryKills = usage.OutOfMemoryKills + 1 });
        ChangeAll(pool, one => one.Id == replica ? one with { Restarts = one.Restarts + 1 } : one);
    }

    private void Measure(PoolId pool, InstanceId replica, Func<ReplicaUsage, ReplicaUsage> change)
    {
        lock (_lock)
        {
            _usage[replica] = change(_usage.GetValueOrDefault(replica) ?? new(pool, replica, 0, 0, 0));
        }
    }

    /// <summary>Of the replicas that are not stopping.</summary>
    private void ChangeAll(PoolId pool, Func<ReplicaState, ReplicaState> change)
    {
        lock (_lock)
        {
            var state = _pools[pool];
            Save(state with
            {
                Replicas = [.. state.Replicas.Select(replica => replica.Phase == ReplicaPhase.Stopping ? replica : change(replica))],
            });
        }
    }
}
