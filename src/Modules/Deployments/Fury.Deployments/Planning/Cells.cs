using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;
using Fury.Kernel;

namespace Fury.Deployments.Planning;

/// <summary>What a strategy makes of the lanes: the steps of the traffic, in order. Pure.</summary>
internal static class Cells
{
    /// <summary>The weights of a canary, a safe deployment and a migration that names no steps.</summary>
    public static IReadOnlyList<decimal> Ladder { get; } = [1, 5, 25, 50, 100];

    /// <summary>The weights of a location that is not the first of a safe deployment: what serves elsewhere is trusted sooner.</summary>
    private static IReadOnlyList<decimal> ShortLadder { get; } = [10, 50, 100];

    /// <summary>Evidence that is expected in so much of a step's time comes before its deadline nearly always.</summary>
    private const double ShareOfDeadline = 0.5;

    /// <param name="traffic">Sizes the steps of a safe deployment by the evidence that they can find; null leaves all of them.</param>
    public static Outcome<Cell[]> Of(
        Strategy strategy, Policy policy, IReadOnlyList<Step> steps, IReadOnlyList<Lane> lanes, PresentTraffic? traffic = null)
    {
        var moving = Enumerable.Range(0, lanes.Count).Where(lane => lanes[lane].Candidate is not null).ToList();
        if (lanes.Any(lane => lane.Current is null))
        {
            // Nothing to be compared with, and nothing to go back to: all traffic there is goes to the candidate.
            return new[] { Whole(policy, moving) };
        }

        if (steps.Count > 0)
        {
            return Named(steps, lanes, moving);
        }

        return strategy switch
        {
            Strategy.Canary => [.. Ladder.Select(weight => At(policy, moving, weight, Gate.Timed))],
            Strategy.Migration => [.. Ladder.Select(weight => At(policy, moving, weight, Gate.Evidence))],
            Strategy.Safe => Safe(policy, lanes, moving, traffic),
            _ => (Cell[])[Whole(policy, moving)],
        };
    }

    /// <summary>
    /// One location first, by the whole ladder; then the others in waves of twice as many each, by a short one. The first is the one with the smallest share
    /// of the traffic, and each next one of another provider than the one before where there is one: smallest blast radius first.
    /// </summary>
    public static IReadOnlyList<int> Order(IReadOnlyList<Lane> lanes, IReadOnlyList<int> moving)
    {
        List<int> left = [.. moving.OrderBy(lane => lanes[lane].Share).ThenBy(lane => lanes[lane].Location.ToString(), StringComparer.Ordinal)];
        List<int> order = [];
        while (left.Count > 0)
        {
            var before = order.Count == 0 ? null : lanes[order[^1]].Location.Provider;
            var other = left.FindIndex(lane => lanes[lane].Location.Provider != before);
            order.Add(left[Math.Max(0, other)]);
            left.RemoveAt(Math.Max(0, other));
        }

        return order;
    }

    private static Cell[] Safe(Policy policy, IReadOnlyList<Lane> lanes, IReadOnlyList<int> moving, PresentTraffic? traffic)
    {
        var order = Order(lanes, moving);
        List<Cell> cells = [.. Sized(Ladder, [order[0]]).Select(weight => At(policy, [order[0]], weight, Gate.Evidence))];
        for (var (from, size) = (1, 1); from < order.Count; (from, size) = (from + size, size * 2))
        {
            int[] wave = [.. order.Skip(from).Take(size).Order()];
            cells.AddRange(Sized(ShortLadder, wave).Select(weight => At(policy, wave, weight, Gate.Evidence)));
        }

        return [.. cells];

        // A step that cannot be sure in its time only holds the deployment up. Where none can, half of the traffic is the most that can be compared.
        IEnumerable<decimal> Sized(IReadOnlyList<decimal> ladder, IEnumerable<int> wave) => traffic is null
            ? ladder
            : ladder.SkipWhile((weight, index) => index < ladder.Count - 2
                && !(Power.ToPass(JudgePolicies.Of(policy), traffic.At(weight, wave.Select(lane => lanes[lane])))
                    <= TimeSpan.FromSeconds(policy.StepDeadlineSeconds * ShareOfDeadline)));
    }

    private static Outcome<Cell[]> Named(IReadOnlyList<Step> steps, IReadOnlyList<Lane> lanes, IReadOnlyList<int> moving)
    {
        var check = new Validation();
        List<Cell> cells = [];
        for (var index = 0; index < steps.Count; index++)
        {
            var step = steps[index];
            var named = new List<int>();
            for (var place = 0; place < step.Locations.Count; place++)
            {
                var found = moving.Where(lane => lanes[lane].Location == step.Locations[place]).ToList();
                var known = string.Join(", ", moving.Select(lane => lanes[lane].Location));
                check.Require(found.Count > 0, step.Locations[place], $"one of {known}, where the scope runs", $"steps[{index}].locations[{place}]");
                named.AddRange(found);
            }

            cells.Add(new(
                named.Count > 0 ? [.. named.Distinct().Order()] : moving,
                step.Weight,
                step.Capacity,
                step.Gate,
                step.MinSeconds,
                step.DeadlineSeconds,
                step.OnFail));
        }

        foreach (var lane in moving.Where(lane => Weights.Of(lanes, cells, cells.Count - 1, lane) != 100))
        {
            check.Require(
                false, Weights.Of(lanes, cells, cells.Count - 1, lane), $"100 in the last step of {lanes[lane].Location}", "steps");
        }

        return check.Fault is { } bad ? bad : cells.ToArray();
    }

    /// <summary>All traffic in one step; strategies that do so differ in how long they judge and bake.</summary>
    private static Cell Whole(Policy policy, IReadOnlyList<int> lanes) => At(policy, lanes, 100, Gate.Timed);

    private static Cell At(Policy policy, IReadOnlyList<int> lanes, decimal weight, Gate gate) =>
        new(lanes, weight, weight, gate, policy.JudgeSeconds, policy.StepDeadlineSeconds, policy.OnFail);
}
