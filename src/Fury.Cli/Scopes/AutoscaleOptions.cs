using System.CommandLine;
using System.Globalization;
using Fury.Cli.CommandLine;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Scopes;

/// <summary>How the number of a scope's replicas follows what they are used for, on a command line. What is not given stays as it is.</summary>
internal sealed class AutoscaleOptions
{
    private const string Off = "none";

    private readonly Option<string[]> _targets = new("--target")
    {
        Description = "What one replica is to carry: cpu (percent of its size), requests (a second), in-flight, or a query's name. May be repeated, and "
            + "replaces all there were. none: no targets.",
        HelpName = "METRIC=N",
    };

    private readonly Option<string[]> _steps = new("--step")
    {
        Description = "From this value of all replicas together on so many more than the floor. May be repeated, and replaces all there were. none: no steps.",
        HelpName = "METRIC:FROM=N",
    };

    private readonly Option<int?> _warmUp = Spans.Option("--warm-up", "From asking for a replica until it carries its part.");

    private readonly Option<int?> _coolDown = Spans.Option("--cool-down", "Replicas go when none of the needs of so long wanted them.");

    private readonly Option<int?> _spot = new("--spot")
    {
        Description = "So many percent of the replicas may be spot instances. 0: none.",
        HelpName = "PERCENT",
    };

    private readonly Option<int?> _onDemand = new("--on-demand")
    {
        Description = "So many replicas are never spot.",
        HelpName = "N",
    };

    public IEnumerable<Option> All => [_targets, _steps, _warmUp, _coolDown, _spot, _onDemand];

    /// <summary>As it was, with what is given changed; null without a target or a step.</summary>
    public AutoscalePolicy? Read(Invocation call, AutoscalePolicy? before)
    {
        var policy = before ?? new([], []);
        var read = policy with
        {
            Targets = call.Value(_targets) is { Length: > 0 } targets
                ? Each(targets, Target, "--target must be a metric and a number, e.g. cpu=60")
                : policy.Targets,
            Steps = call.Value(_steps) is { Length: > 0 } steps
                ? Each(steps, Step, "--step must be a metric, a value and a number of replicas, e.g. queue-depth:1000=5")
                : policy.Steps,
            WarmUpSeconds = call.Value(_warmUp) ?? policy.WarmUpSeconds,
            CoolDownSeconds = call.Value(_coolDown) ?? policy.CoolDownSeconds,
        };
        return read.Targets.Count + read.Steps.Count == 0 ? null : read;
    }

    public SpotPolicy? Read(Invocation call, SpotPolicy? before)
    {
        var percent = call.Value(_spot) ?? before?.Percent ?? 0;
        return percent == 0 ? null : new(percent, call.Value(_onDemand) ?? before?.OnDemandBase ?? 0);
    }

    /// <summary>For people.</summary>
    public static IEnumerable<string> Parts(AutoscalePolicy? autoscale, SpotPolicy? spot)
    {
        foreach (var target in autoscale?.Targets ?? [])
        {
            yield return $"{target.Metric} {Plain.Number(target.PerReplica)} per replica";
        }

        foreach (var step in autoscale?.Steps ?? [])
        {
            yield return $"{step.Metric} from {Plain.Number(step.From)}: {step.Replicas} more";
        }

        if (spot is not null)
        {
            yield return $"{spot.Percent} % spot beyond {spot.OnDemandBase}";
        }
    }

    private static List<T> Each<T>(string[] given, Func<string, T?> read, string expected)
        where T : class
    {
        var texts = given is [Off] ? [] : given;
        var faults = texts.Where(text => read(text) is null).Select(text => $"{expected}, not '{text}'.").ToList();
        return faults.Count == 0 ? [.. texts.Select(text => read(text)!)] : throw CommandFailure.Usage("The scaling can't be right:", faults);
    }

    private static AutoscaleTarget? Target(string text) =>
        text.Split('=') is [{ Length: > 0 } metric, var number] && Number(number) is { } perReplica ? new(metric, perReplica) : null;

    private static AutoscaleStep? Step(string text) =>
        text.Split('=') is [var left, var number]
        && left.Split(':') is [{ Length: > 0 } metric, var value]
        && Number(value) is { } from
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas)
            ? new(metric, from, replicas)
            : null;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
