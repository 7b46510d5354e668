using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Pools;

namespace Fury.Compute.Serverless.Evacuation;

/// <summary>
/// How many successors one destination may have under way. As many as have become ready there, and a few to begin with: what a destination can do is
/// measured and not set. Pure.
/// </summary>
/// <param name="UnderWay">As of the last look.</param>
/// <param name="MovedAt">When one has become ready last, or more were asked for.</param>
internal sealed record Pace(int Window, int UnderWay, DateTimeOffset MovedAt)
{
    /// <summary>Under way in a destination that has not shown yet what it can do.</summary>
    public const int WindowMin = 16;

    /// <summary>No destination is asked for more at once, however well it goes: its registry and its control plane have others to serve.</summary>
    public const int WindowMax = 500;

    /// <summary>Successors of which none has become ready for so long may never be, and hold up nobody else.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What may be asked of it now.</summary>
    public int Room => Window - UnderWay;

    public static Pace New(DateTimeOffset now) => new(WindowMin, 0, now);

    /// <summary>As is seen now: what has become ready widens the window, and what has stopped being ready makes it narrower.</summary>
    public Pace See(int underWay, DateTimeOffset now) => underWay == UnderWay && underWay > 0 && now - MovedAt >= Patience
        ? new(underWay + WindowMin, underWay, now)
        : new(Math.Clamp(Window + UnderWay - underWay, WindowMin, Math.Max(Window, WindowMax)), underWay, underWay == UnderWay ? MovedAt : now);

    /// <summary>Successors that are under way in each cluster: those that are wanted and not ready there.</summary>
    public static IReadOnlyDictionary<string, int> Count(IEnumerable<Pool> evacuating) =>
        (from pool in evacuating
         from share in pool.Shares
         where share.Stays
         let ready = pool.Replicas.Count(replica => replica.Cluster == share.Cluster && replica.Phase == ReplicaPhase.Ready)
         group Math.Max(0, share.Replicas - ready) by share.Cluster).ToDictionary(cluster => cluster.Key, cluster => cluster.Sum());

    /// <summary>They have begun and were refused: nothing of them is under way, and that is no sign of speed.</summary>
    public static void TakeBack(IEnumerable<PlannedMove> refused, IDictionary<string, Pace> paces)
    {
        foreach (var one in refused.SelectMany(move => move.Decision.Added))
        {
            paces[one.Cluster] = paces[one.Cluster] with { UnderWay = paces[one.Cluster].UnderWay - one.Replicas };
        }
    }

    /// <summary>
    /// Which of the planned moves begin now: those whose destinations have room. What has no place begins never, and nothing overtakes what is more
    /// critical where that waits.
    /// </summary>
    /// <param name="paces">By cluster; changed by what begins.</param>
    public static IReadOnlyList<PlannedMove> Begin(EvacuationPlan plan, IDictionary<string, Pace> paces, DateTimeOffset now)
    {
        List<PlannedMove> begun = [];
        HashSet<string> blocked = new(StringComparer.Ordinal);
        foreach (var move in plan.Moves.Where(move => move.Decision.Pending == 0))
        {
            // The last may go over the window by what is left of itself; else a pool that is larger than the window would never go.
            var added = move.Decision.Added;
            if (added.All(one => !blocked.Contains(one.Cluster) && PaceOf(one.Cluster).Room > 0))
            {
                begun.Add(move);
                foreach (var one in added)
                {
                    var pace = PaceOf(one.Cluster);
                    paces[one.Cluster] = pace with { UnderWay = pace.UnderWay + one.Replicas, MovedAt = now };
                }
            }
            else
            {
                blocked.UnionWith(added.Select(one => one.Cluster));
            }
        }

        return begun;

        Pace PaceOf(string cluster) => paces.TryGetValue(cluster, out var pace) ? pace : New(now);
    }
}
