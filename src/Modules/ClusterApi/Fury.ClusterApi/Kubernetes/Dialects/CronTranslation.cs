using System.Globalization;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Dialects;

/// <summary>
/// A cron expression in a time zone, said in UTC, for versions that know no time zones (their controllers run by UTC). Only where both are the
/// same at every time: the zone's offset never changes and is whole hours, and no day is shifted that the expression names. Pure.
/// </summary>
internal static class CronTranslation
{
    private const int YearsLookedAt = 3;

    public static Outcome<string> ToUtc(string cron, string timeZone, DateTimeOffset now, string version)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
        {
            return Fault.Invalid("timeZone", timeZone, "an IANA time zone such as Europe/Berlin");
        }

        var offset = zone.GetUtcOffset(now);
        for (var month = 1; month <= 12 * YearsLookedAt; month++)
        {
            if (zone.GetUtcOffset(now.AddMonths(month)) != offset)
            {
                return Refuse(version, $"{timeZone} has summer time");
            }
        }

        if (offset == TimeSpan.Zero)
        {
            return cron;
        }

        return offset.Minutes == 0 ? Shift(cron.Split(' ', StringSplitOptions.RemoveEmptyEntries), offset.Hours, version)
            : Refuse(version, $"{timeZone} is not whole hours from UTC");
    }

    private static Outcome<string> Shift(string[] fields, int offset, string version)
    {
        if (fields.Length != 5)
        {
            return Fault.Invalid("cron", string.Join(' ', fields), "five fields");
        }

        if (fields[1] == "*")
        {
            // Each hour there is an hour here; only a named day would begin at another time.
            return fields is [_, _, "*", "*", "*"] ? string.Join(' ', fields) : Refuse(version, "the expression names days");
        }

        if (Hours(fields[1]) is not { } hours)
        {
            return Refuse(version, $"its hours '{fields[1]}' are more than a list of numbers and ranges");
        }

        var shifted = hours.Select(hour => hour - offset).ToList();
        if (shifted.Any(hour => hour is < 0 or > 23) && fields is not [_, _, "*", "*", "*"])
        {
            return Refuse(version, "the run would fall on another day than the one it names");
        }

        fields[1] = string.Join(',', shifted.Select(hour => (hour + 24) % 24).Order().Select(hour => hour.ToString(CultureInfo.InvariantCulture)));
        return string.Join(' ', fields);
    }

    private static List<int>? Hours(string field)
    {
        var hours = new SortedSet<int>();
        foreach (var part in field.Split(','))
        {
            var ends = part.Split('-').Select(end => int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var hour) ? hour : -1).ToList();
            if (ends.Count > 2 || ends.Any(hour => hour is < 0 or > 23) || ends[0] > ends[^1])
            {
                return null;
            }

            hours.UnionWith(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));
        }

        return [.. hours];
    }

    private static Fault Refuse(string version, string why) => Fault.Conflict(
        $"The cluster runs {version}, which knows no time zones (1.25 and newer do), and the schedule cannot be said in UTC: {why}.");
}
