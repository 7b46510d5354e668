using System.Text.Json.Serialization;
using Cronos;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Scopes;

/// <summary>How a scope's size follows the clock and its requests. Whatever is absent is off.</summary>
/// <param name="InFlightPerReplica">1 to 10000 requests in flight for each replica.</param>
/// <param name="SleepAfterSeconds">10 to 86400 seconds without a request.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScalingRequest(
    IReadOnlyList<ScalingScheduleRequest?>? Schedules,
    int? InFlightPerReplica,
    int? SleepAfterSeconds,
    AutoscaleRequest? Autoscale = null,
    SpotRequest? Spot = null)
{
    public const int SchedulesMax = 16;
    public const int InFlightPerReplicaMax = 10_000;

    /// <summary>Shorter would put to sleep what merely pauses between two requests.</summary>
    public const int SleepAfterSecondsMin = 10;
    public const int SleepAfterSecondsMax = 86_400;

    /// <summary>What it says, with every bad field noted; null when it says nothing.</summary>
    public ScalingPolicy? Read(Validation validation, int maxReplicas)
    {
        validation.Require(Schedules is null or { Count: <= SchedulesMax }, $"{Schedules?.Count} schedules", $"at most {SchedulesMax} schedules",
            "scaling.schedules");
        validation.Require(InFlightPerReplica is null or (>= 1 and <= InFlightPerReplicaMax), InFlightPerReplica,
            $"1 to {InFlightPerReplicaMax} requests, or null", "scaling.inFlightPerReplica");
        validation.Require(SleepAfterSeconds is null or (>= SleepAfterSecondsMin and <= SleepAfterSecondsMax), SleepAfterSeconds,
            $"{SleepAfterSecondsMin} to {SleepAfterSecondsMax} (seconds), or null", "scaling.sleepAfterSeconds");
        List<ScalingSchedule> schedules =
        [
            .. (Schedules ?? []).Take(SchedulesMax)
                .Select((one, index) => ScalingScheduleRequest.Read(one, validation, $"scaling.schedules[{index}]", maxReplicas)),
        ];
        var (autoscale, spot) = (Autoscale?.Read(), Spot?.Read());
        autoscale?.Check(validation, "scaling.autoscale");
        spot?.Check(validation, "scaling.spot");
        return schedules.Count == 0 && InFlightPerReplica is null && SleepAfterSeconds is null && autoscale is null && spot is null
            ? null
            : new(schedules, InFlightPerReplica, SleepAfterSeconds) { Autoscale = autoscale, Spot = spot };
    }
}

/// <summary>How the number of replicas follows what they are used for: at least one target or step.</summary>
/// <param name="WarmUpSeconds">0 to 3600; 90 when absent.</param>
/// <param name="CoolDownSeconds">0 to 86400; 180 when absent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AutoscaleRequest(
    IReadOnlyList<ScalingTargetRequest?>? Targets, IReadOnlyList<ScalingStepRequest?>? Steps, int? WarmUpSeconds, int? CoolDownSeconds)
{
    public AutoscalePolicy Read() => new(
        [.. (Targets ?? []).Select(one => new AutoscaleTarget(one?.Metric ?? "", one?.PerReplica ?? 0))],
        [.. (Steps ?? []).Select(one => new AutoscaleStep(one?.Metric ?? "", one?.From ?? double.NaN, one?.Replicas ?? 0))],
        WarmUpSeconds ?? 90,
        CoolDownSeconds ?? 180);
}

/// <param name="Metric">cpu (percent of a replica's size), requests (a second), in-flight, or the name of a query.</param>
/// <param name="PerReplica">What one replica is to carry.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScalingTargetRequest(string? Metric, double? PerReplica);

/// <param name="From">From this value of all replicas together on.</param>
/// <param name="Replicas">So many more than the floor.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScalingStepRequest(string? Metric, double? From, int? Replicas);

/// <param name="Percent">Of the replicas beyond <paramref name="OnDemandBase"/>, 0 to 100.</param>
/// <param name="OnDemandBase">0 when absent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SpotRequest(int? Percent, int? OnDemandBase)
{
    public SpotPolicy Read() => new(Percent ?? -1, OnDemandBase ?? 0);
}

/// <param name="Cron">Five fields, or one of @hourly, @daily, @weekly, @monthly, @yearly.</param>
/// <param name="TimeZone">An IANA name; UTC when absent.</param>
/// <param name="MinReplicas">Must be given: 0 to the scope's maximum.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScalingScheduleRequest(string? Cron, string? TimeZone, int? MinReplicas)
{
    public const int CronLengthMax = 100;

    public static ScalingSchedule Read(ScalingScheduleRequest? request, Validation validation, string field, int maxReplicas)
    {
        var (cron, zone, replicas) = (request?.Cron ?? "", request?.TimeZone ?? "UTC", request?.MinReplicas ?? -1);
        var isZone = TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) && found.HasIanaId;
        validation.Require(Comes(cron), request?.Cron,
            "five fields of cron (minute, hour, day of month, month, day of week) whose time comes, e.g. 0 8 * * 1-5", $"{field}.cron");
        validation.Require(isZone, zone, "the IANA name of a time zone, e.g. America/Sao_Paulo", $"{field}.timeZone");
        validation.Require(replicas >= 0 && replicas <= maxReplicas, request?.MinReplicas, $"0 to maxReplicas, {maxReplicas}", $"{field}.minReplicas");
        return new(cron, zone, replicas);
    }

    private static bool Comes(string cron) =>
        cron.Length is > 0 and <= CronLengthMax
        && CronExpression.TryParse(cron, out var expression)
        && expression.GetNextOccurrence(DateTime.UnixEpoch) is not null;
}
