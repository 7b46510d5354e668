using System.CommandLine;
using System.Globalization;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;

namespace Fury.Cli.Scopes;

/// <summary>How a scope's size follows the clock and its requests, on a command line. What is not given stays as it is.</summary>
internal sealed class ScalingOptions
{
    private const string Off = "none";

    private readonly Option<string[]> _schedules = new("--schedule")
    {
        Description = "From its time on so many replicas at least, until another's comes; may be repeated, and replaces all there were. none: no schedules.",
        HelpName = "CRON ZONE MIN",
    };

    private readonly Option<int?> _inFlight = new("--in-flight-per-replica")
    {
        Description = "So many requests in flight are one replica's work. 0: they do not count.",
        HelpName = "N",
    };

    private readonly Option<int?> _sleepAfter = Spans.Option("--sleep-after", "After so long without a request it runs no replica until one comes. 0: never.");

    private readonly AutoscaleOptions _autoscale = new();

    public IEnumerable<Option> All => [_schedules, _inFlight, _sleepAfter, .. _autoscale.All];

    /// <summary>As it was, with what is given changed.</summary>
    public ScalingPolicy Read(Invocation call, ScalingPolicy? before) => new(
        call.Value(_schedules) is { Length: > 0 } given ? Schedules(given) : before?.Schedules ?? [],
        call.Given(_inFlight) ? Some(call.Value(_inFlight)) : before?.InFlightPerReplica,
        call.Given(_sleepAfter) ? Some(call.Value(_sleepAfter)) : before?.SleepAfterSeconds)
    {
        Autoscale = _autoscale.Read(call, before?.Autoscale),
        Spot = _autoscale.Read(call, before?.Spot),
    };

    /// <summary>In one line, for people.</summary>
    public static string Line(ScalingPolicy? scaling) => string.Join("; ", Parts(scaling));

    private static IEnumerable<string> Parts(ScalingPolicy? scaling)
    {
        foreach (var schedule in scaling?.Schedules ?? [])
        {
            yield return $"{schedule.Cron} {schedule.TimeZone}: at least {schedule.MinReplicas}";
        }

        if (scaling?.InFlightPerReplica is { } inFlight)
        {
            yield return $"{inFlight} requests in flight per replica";
        }

        if (scaling?.SleepAfterSeconds is { } seconds)
        {
            yield return $"sleeps after {seconds} s without a request";
        }

        foreach (var part in AutoscaleOptions.Parts(scaling?.Autoscale, scaling?.Spot))
        {
            yield return part;
        }
    }

    private static int? Some(int? value) => value == 0 ? null : value;

    private static List<ScalingSchedule> Schedules(string[] given)
    {
        var texts = given is [Off] ? [] : given;
        var faults = texts.Where(text => Schedule(text) is null)
            .Select(text => $"--schedule must be five fields of cron, a time zone and a number, e.g. \"0 8 * * 1-5 America/Sao_Paulo 4\", not '{text}'.")
            .ToList();
        return faults.Count == 0 ? [.. texts.Select(text => Schedule(text)!)] : throw CommandFailure.Usage("The schedules can't be right:", faults);
    }

    /// <summary>The host says whether the fields and the zone are right; null where it could not even be asked.</summary>
    private static ScalingSchedule? Schedule(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.. { Length: > 0 } cron, var zone, var number]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas)
            ? new(string.Join(' ', cron), zone, replicas)
            : null;
}
