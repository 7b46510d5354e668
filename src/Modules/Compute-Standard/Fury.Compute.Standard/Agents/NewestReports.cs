using System.Collections.Concurrent;
using Fury.Agent.Wire;
using Fury.Kernel;

namespace Fury.Compute.Standard.Agents;

/// <summary>Which report of each instance was the newest that this host has heard, in memory, for as long as its agent goes on telling.</summary>
internal sealed class NewestReports(TimeProvider clock)
{
    public const int InstancesMax = 200_000;

    /// <summary>Agents tell something each half a minute; one that was silent for so long has no instance any more.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    /// <summary>Where there are too many they are looked through this seldom.</summary>
    private static readonly TimeSpan ForgetPause = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Lot, string ProviderId), Heard> _newest = new();
    private int _count;
    private long _forgottenAt = long.MinValue;

    /// <summary>
    /// Notes it; whether it is newer than all that were heard before. <see cref="FaultKind.Throttled"/>: of so many instances it cannot be told.
    /// </summary>
    public Outcome<bool> Take(AgentReport report)
    {
        var (key, heard) = ((report.Lot, report.ProviderId), new Heard(report.Boot, report.Sequence, clock.GetUtcNow()));
        while (true)
        {
            if (_newest.TryGetValue(key, out var known))
            {
                if (!heard.IsNewerThan(known))
                {
                    return false;
                }

                if (_newest.TryUpdate(key, heard, known))
                {
                    return true;
                }
            }
            else if (!HasRoom())
            {
                return new Fault(FaultKind.Throttled, $"{InstancesMax} instances report here, which is as many as can be kept.");
            }
            else if (_newest.TryAdd(key, heard))
            {
                Interlocked.Increment(ref _count);
                return true;
            }
        }
    }

    private bool HasRoom()
    {
        var (forgotten, now) = (Volatile.Read(ref _forgottenAt), clock.GetUtcNow());
        if (Volatile.Read(ref _count) >= InstancesMax && now.UtcTicks - ForgetPause.Ticks >= forgotten
            && Interlocked.CompareExchange(ref _forgottenAt, now.UtcTicks, forgotten) == forgotten)
        {
            foreach (var old in _newest.Where(one => now - one.Value.At >= Kept))
            {
                Interlocked.Add(ref _count, _newest.TryRemove(old) ? -1 : 0);
            }
        }

        return Volatile.Read(ref _count) < InstancesMax;
    }

    private readonly record struct Heard(Guid Boot, long Sequence, DateTimeOffset At)
    {
        /// <summary>UUIDv7 sorts by the time it was made, so of two boots the greater one is the later.</summary>
        public bool IsNewerThan(Heard known) => Boot == known.Boot ? Sequence > known.Sequence : Boot.CompareTo(known.Boot) > 0;
    }
}
