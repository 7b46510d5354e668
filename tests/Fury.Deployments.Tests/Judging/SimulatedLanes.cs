using Fury.Deployments.Judging;

namespace Fury.Deployments.Tests.Judging;

/// <summary>Several locations of one scope, each with its own traffic.</summary>
internal static class SimulatedLanes
{
    public static IEnumerable<Tick> Ticks(IReadOnlyList<SimulatedTraffic> lanes, int seed, int count)
    {
        var streams = lanes.Select((lane, index) => lane.Ticks((seed * 1000) + index, count).GetEnumerator()).ToList();
        while (streams.TrueForAll(stream => stream.MoveNext()))
        {
            yield return streams[0].Current with { Lanes = [.. streams.SelectMany(stream => stream.Current.Lanes)] };
        }
    }
}
