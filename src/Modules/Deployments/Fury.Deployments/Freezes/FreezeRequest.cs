using System.Text.Json.Serialization;
using Cronos;
using Fury.Deployments.Gates;
using Fury.Kernel;

namespace Fury.Deployments.Freezes;

/// <summary>What a caller says of a freeze. Without <c>recurs</c>, <c>from</c> and <c>to</c> it holds until it is removed.</summary>
/// <param name="Kind"><c>deny</c> (when left out) or <c>allow</c>.</param>
/// <param name="Covers">All of the organisation when left out.</param>
/// <param name="From">Now when left out.</param>
/// <param name="To">Later than <paramref name="From"/> and than now.</param>
/// <param name="InFlight"><c>finish-step</c>, <c>hold</c> (when left out) or <c>rollback</c>.</param>
/// <param name="Reason">1 to 500 printable characters.</param>
/// <param name="By">Who says so, 1 to 100 printable characters. A proven name stands instead.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FreezeRequest(
    string? Reason,
    string? By,
    string? Kind = null,
    SelectorsRequest? Covers = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    RecurrenceRequest? Recurs = null,
    string? InFlight = null)
{
    private const int YearsAheadMax = 100;

    public Outcome<Freeze> Read(ShortName name, DateTimeOffset now)
    {
        var check = new Validation();
        check.Require(Recurs is null || (From is null && To is null), Recurs is null ? null : "recurs", "given without from and to", "recurs");
        check.Require(From is null || From < now.AddYears(YearsAheadMax), $"{From:u}", $"within {YearsAheadMax} years", "from");
        check.Require(
            To is null || (To > now && To < now.AddYears(YearsAheadMax) && (From is null || To > From)), $"{To:u}",
            $"later than from and than now, within {YearsAheadMax} years", "to");
        var freeze = new Freeze(
            Guid.Empty,
            name.Value,
            check.Choice(Kind, FreezeKind.Deny),
            (Covers ?? new()).Read(check, "covers"),
            From?.ToUniversalTime(),
            To?.ToUniversalTime(),
            Recurs?.Read(check),
            check.Choice(InFlight, Freezes.InFlight.Hold),
            check.Reason(Reason),
            check.Person(By),
            now);
        return check.Fault is { } fault ? fault : freeze;
    }
}

/// <param name="Cron">When it begins: five fields, with at least an hour between two times.</param>
/// <param name="TimeZone">An IANA name; UTC when left out.</param>
/// <param name="Minutes">How long it lasts, 1 to 44640 (31 days), and over before it begins again.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RecurrenceRequest(string? Cron, int? Minutes, string? TimeZone = null)
{
    private const int CronLengthMax = 100;
    private const int MinutesMax = 31 * 24 * 60;

    /// <summary>
    /// So many times are looked at for how far apart they are: more than come in a week, in which every field of hours and minutes has its turn.
    /// </summary>
    private const int TimesLookedAt = 24 * 8;

    private static readonly TimeSpan GapMin = TimeSpan.FromHours(1);

    /// <summary>Null when it is not right, and the check has a fault.</summary>
    public Recurrence? Read(Validation check)
    {
        // Times that are close together, or run into each other, are many, and are looked through whenever it is asked whether one of them is now.
        var (cron, zone, gap) = (Cron ?? "", TimeZone ?? "Etc/UTC", Gap(Cron ?? ""));
        var minutesMax = Math.Min(MinutesMax, (gap?.TotalMinutes ?? MinutesMax) - 1);
        var isZone = TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) && found.HasIanaId;
        var isLong = Minutes >= 1 && Minutes <= minutesMax;
        check.Require(gap >= GapMin, Cron, "five fields of cron whose times come, at least an hour apart, e.g. 0 18 * * 5", "recurs.cron");
        check.Require(isZone, TimeZone, "the IANA name of a time zone, e.g. America/Sao_Paulo", "recurs.timeZone");
        check.Require(isLong, Minutes, $"1 to {minutesMax}, so that it is over before it begins again", "recurs.minutes");
        return gap >= GapMin && isZone && isLong ? new(cron, zone, Minutes!.Value) : null;
    }

    /// <summary>The shortest time between two beginnings; null for what is no cron, or comes once in ten years at most.</summary>
    private static TimeSpan? Gap(string cron)
    {
        if (cron.Length > CronLengthMax || !CronExpression.TryParse(cron, out var expression))
        {
            return null;
        }

        var times = expression.GetOccurrences(DateTime.UnixEpoch, DateTime.UnixEpoch.AddYears(10)).Take(TimesLookedAt).ToList();
        return times.Zip(times.Skip(1)).Min(pair => (TimeSpan?)(pair.Second - pair.First));
    }
}

/// <summary>What a caller says of an override.</summary>
/// <param name="Application">The one for which the freeze does not hold.</param>
/// <param name="Scope">One of its scopes; all of them when left out.</param>
/// <param name="Until">At most 7 days from now.</param>
/// <param name="Reason">1 to 500 printable characters.</param>
/// <param name="By">Who asks, 1 to 100 printable characters. A proven name stands instead.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record OverrideRequest(string? Application, string? Scope, DateTimeOffset? Until, string? Reason, string? By)
{
    private static readonly TimeSpan LengthMax = TimeSpan.FromDays(7);

    /// <summary>The wish, without id and freeze.</summary>
    public Outcome<Override> Read(DateTimeOffset now)
    {
        var check = new Validation();
        check.Require(Until > now && Until <= now + LengthMax, Until is null ? null : $"{Until:u}", $"a time within {LengthMax.Days} days", "until");
        var wish = new Override(
            Guid.Empty,
            Guid.Empty,
            check.Name<ApplicationName>(Application),
            Scope is null ? null : check.Name<ScopeName>(Scope),
            DateTimeOffset.FromUnixTimeSeconds((Until ?? now).ToUnixTimeSeconds()),
            check.Reason(Reason),
            check.Person(By),
            now,
            null,
            null);
        return check.Fault is { } fault ? fault : wish;
    }
}

/// <param name="By">Another person than the one who has asked for it.</param>
internal sealed record ConfirmRequest(string? By);
