using Cronos;
using Fury.Deployments.Gates;
using Fury.Kernel;

namespace Fury.Deployments.Freezes;

internal enum FreezeKind
{
    /// <summary>While it lasts, what it covers is not deployed to.</summary>
    Deny,

    /// <summary>What it covers is deployed to while it, or another one of this kind, lasts, and at no other time.</summary>
    Allow,
}

/// <summary>What becomes of a deployment that a freeze meets on its way, from the gentlest on.</summary>
internal enum InFlight
{
    /// <summary>It ends the step that it is in, and waits then.</summary>
    FinishStep,

    /// <summary>It waits where it is; the judge keeps watching.</summary>
    Hold,

    /// <summary>It turns back.</summary>
    Rollback,
}

/// <summary>A time that comes again and again.</summary>
/// <param name="Cron">When it begins: minute, hour, day of month, month, day of week; at least an hour lies between two times.</param>
/// <param name="TimeZone">The IANA name of the zone that these are read in.</param>
/// <param name="Minutes">How long it lasts by the clock on the wall of that zone.</param>
internal sealed record Recurrence(string Cron, string TimeZone, int Minutes)
{
    private readonly CronExpression _cron = CronExpression.Parse(Cron);
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    /// <summary>Begin and end of each time that begins behind <paramref name="from"/> and before <paramref name="to"/>, in order of their beginnings.</summary>
    public IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Times(DateTimeOffset from, DateTimeOffset to) =>
        _cron.GetOccurrences(from, to, _zone, fromInclusive: false).Select(begin => (begin, EndOf(begin)));

    /// <summary>
    /// Sixty hours from Friday 20:00 are over on Monday 8:00, also when the clocks are changed on Sunday. An end in the hour that is skipped comes as
    /// late as it would without the change.
    /// </summary>
    private DateTimeOffset EndOf(DateTimeOffset begin)
    {
        var end = begin + TimeSpan.FromMinutes(Minutes);
        var shifted = end + (_zone.GetUtcOffset(begin) - _zone.GetUtcOffset(end));
        return _zone.GetUtcOffset(shifted) == _zone.GetUtcOffset(end) ? shifted : end;
    }
}

/// <summary>When deployments may be, and when not.</summary>
/// <param name="Id">Another one when a freeze of the same name is made anew, so that nothing that was said of the old one holds for it.</param>
/// <param name="From">Null: since it was made. Without <paramref name="Recurs"/> only, as <paramref name="To"/>.</param>
/// <param name="To">Null: until it is removed.</param>
/// <param name="By">Who said so last.</param>
internal sealed record Freeze(
    Guid Id,
    string Name,
    FreezeKind Kind,
    Selectors Covers,
    DateTimeOffset? From,
    DateTimeOffset? To,
    Recurrence? Recurs,
    InFlight InFlight,
    string Reason,
    string By,
    DateTimeOffset CreatedAt);

/// <summary>One freeze does not hold for one application or scope for a while: two persons have said so.</summary>
/// <param name="Scope">Null: every scope of the application.</param>
/// <param name="ConfirmedBy">Another person than <paramref name="AskedBy"/>; null until then, and it has no effect.</param>
internal sealed record Override(
    Guid Id,
    Guid Freeze,
    ApplicationName Application,
    ScopeName? Scope,
    DateTimeOffset Until,
    string Reason,
    string AskedBy,
    DateTimeOffset AskedAt,
    string? ConfirmedBy,
    DateTimeOffset? ConfirmedAt)
{
    public bool Lifts(Freeze freeze, ScopeRef scope) =>
        ConfirmedBy is not null && Freeze == freeze.Id && Application == scope.Application && (Scope is null || Scope == scope.Scope);
}
