using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>What an autoscaler has done, so that its policies can say how much more it may.</summary>
internal sealed record Scaled(DateTimeOffset At, int By);

/// <summary>What it would have done at a time, whatever it did.</summary>
internal sealed record Recommended(DateTimeOffset At, int Replicas);

/// <summary>The use of a resource by the pods of a target.</summary>
/// <param name="Ready">Pods that count.</param>
/// <param name="Used">Sum over those pods whose use is known.</param>
/// <param name="Requested">Sum of what the same pods ask for.</param>
/// <param name="Known">How many these are.</param>
internal sealed record Usage(int Ready, decimal Used, decimal Requested, int Known);

/// <summary>The autoscaler's decisions, pure.</summary>
internal static class Autoscaling
{
    /// <summary>A use so near to the target is as good as the target.</summary>
    private const decimal Tolerance = 0.1m;

    private const int StabilizationDownSecondsDefault = 300;

    /// <summary>How many replicas one metric asks for; null when it says nothing.</summary>
    public static int? Desired(JsonNode? target, Usage usage, int current)
    {
        if (usage.Known == 0)
        {
            return null;
        }

        decimal ratio;
        switch (target.Text("type"))
        {
            case "Utilization" when usage.Requested > 0 && target.Number("averageUtilization") is > 0 and var percent:
                ratio = usage.Used / usage.Requested * 100 / percent;
                break;
            case "AverageValue" when Quantity.Of(target.Node("averageValue")) is > 0 and var value:
                ratio = usage.Used / usage.Known / value;
                break;
            default:
                return null;
        }

        if (Math.Abs(ratio - 1) <= Tolerance)
        {
            return current;
        }

        // Pods whose use is not known must not drive it further: they count as idle on the way up, and as just right on the way down.
        var unknown = usage.Ready - usage.Known;
        var counted = ratio > 1 ? ratio * usage.Known : (ratio * usage.Known) + unknown;
        return (int)Math.Ceiling(Math.Round(counted, 6));
    }

    /// <summary>What is done in the end: the wish, held back by the windows and policies of the behavior, within the bounds.</summary>
    public static int Allowed(
        JsonObject? spec, int current, int desired, IReadOnlyList<Recommended> before, IReadOnlyList<Scaled> done, DateTimeOffset now)
    {
        var (min, max) = ((int)(spec.Number("minReplicas") ?? 1), (int)(spec.Number("maxReplicas") ?? int.MaxValue));
        var (up, down) = (spec.Object("behavior", "scaleUp"), spec.Object("behavior", "scaleDown"));
        desired = Stabilized(current, desired, before, now, Seconds(up, 0), Seconds(down, StabilizationDownSecondsDefault));
        if (desired > current)
        {
            desired = Math.Min(desired, UpTo(up, current, done, now));
        }
        else if (desired < current)
        {
            desired = Math.Max(desired, DownTo(down, current, done, now));
        }

        return Math.Clamp(desired, min, Math.Max(min, max));
    }

    private static TimeSpan Seconds(JsonObject? rules, int otherwise) =>
        TimeSpan.FromSeconds(rules.Number("stabilizationWindowSeconds") ?? otherwise);

    /// <summary>Not lower than any wish of the window for going down, nor higher than any of the one for going up.</summary>
    private static int Stabilized(
        int current, int desired, IReadOnlyList<Recommended> before, DateTimeOffset now, TimeSpan upWindow, TimeSpan downWindow)
    {
        var (lowest, highest) = (desired, desired);
        foreach (var wish in before)
        {
            if (wish.At > now - upWindow)
            {
                lowest = Math.Min(lowest, wish.Replicas);
            }

            if (wish.At > now - downWindow)
            {
                highest = Math.Max(highest, wish.Replicas);
            }
        }

        return desired > current ? Math.Max(current, lowest) : Math.Min(current, highest);
    }

    private static int UpTo(JsonObject? rules, int current, IReadOnlyList<Scaled> done, DateTimeOffset now)
    {
        var policies = rules.Array("policies") ?? new JsonArray(Policy("Percent", 100), Policy("Pods", 4));
        var limits = policies.Select(policy =>
        {
            var start = current - Changed(policy, done, now, up: true);
            var value = (int)(policy.Number("value") ?? 0);
            return policy.Text("type") == "Pods" ? start + value : (int)Math.Ceiling(start * (1 + (value / 100m)));
        });
        return Math.Max(current, Select(rules, limits, most: limits.Max, least: limits.Min, current));
    }

    private static int DownTo(JsonObject? rules, int current, IReadOnlyList<Scaled> done, DateTimeOffset now)
    {
        var policies = rules.Array("policies") ?? new JsonArray(Policy("Percent", 100));
        var limits = policies.Select(policy =>
        {
            var start = current + Changed(policy, done, now, up: false);
            var value = (int)(policy.Number("value") ?? 0);
            return policy.Text("type") == "Pods" ? start - value : (int)Math.Floor(start * (1 - (value / 100m)));
        });

        // The policy that allows most is the one that goes lowest.
        return Math.Min(current, Select(rules, limits, most: limits.Min, least: limits.Max, current));
    }

    private static int Select(JsonObject? rules, IEnumerable<int> limits, Func<int> most, Func<int> least, int current) =>
        rules.Text("selectPolicy") switch
        {
            "Disabled" => current,
            _ when !limits.Any() => current,
            "Min" => least(),
            _ => most(),
        };

    private static int Changed(JsonNode? policy, IReadOnlyList<Scaled> done, DateTimeOffset now, bool up)
    {
        var since = now - TimeSpan.FromSeconds(policy.Number("periodSeconds") ?? 15);
        return done.Where(change => change.At > since && (up ? change.By > 0 : change.By < 0)).Sum(change => Math.Abs(change.By));
    }

    private static JsonObject Policy(string type, int value) => new() { ["type"] = type, ["value"] = value, ["periodSeconds"] = 15 };
}
