using Fury.Compute.Contracts;
using Fury.Deployments.Gates;

namespace Fury.Deployments.Freezes;

/// <summary>Whether a subject may be deployed to.</summary>
/// <param name="By">What forbids it; null: nothing does. Of several, the one that is hardest on deployments in flight.</param>
/// <param name="Until">When nothing forbids it any more; null: no end is in sight.</param>
internal sealed record Standing(Freeze? By, DateTimeOffset? Until)
{
    public static Standing Open { get; } = new(null, null);
}

/// <summary>
/// Freezes and their overrides at a moment, for a subject. Pure. Deny beats allow; where any allow covers the subject, it is deployed to only while one
/// lasts. A subject at several locations is frozen when it is at one of them.
/// </summary>
internal static class FreezeRules
{
    /// <summary>How many times in a row what is seen may change before looking ahead is given up.</summary>
    private const int StepsMax = 1000;

    public static Standing At(IReadOnlyList<Freeze> freezes, IReadOnlyList<Override> overrides, Subject subject, DateTimeOffset now)
    {
        var places = Places(freezes, overrides, subject);
        return See(places, now).By is { } freeze
            ? new(freeze, Walk(places, now, DateTimeOffset.MaxValue).FirstOrDefault(step => step.By is null)?.At)
            : Standing.Open;
    }

    /// <summary>The first freeze that a deployment meets between the two moments, and when; null when it meets none.</summary>
    public static (Freeze Freeze, DateTimeOffset At)? NextFreeze(
        IReadOnlyList<Freeze> freezes, IReadOnlyList<Override> overrides, Subject subject, DateTimeOffset from, DateTimeOffset until) =>
        Walk(Places(freezes, overrides, subject), from, until).FirstOrDefault(step => step.By is not null) is { By: { } freeze, At: var at }
            ? (freeze, at)
            : null;

    /// <summary>What covers the subject, for each place where it is.</summary>
    private static IReadOnlyList<IReadOnlyList<Cover>> Places(
        IReadOnlyList<Freeze> freezes, IReadOnlyList<Override> overrides, Subject subject)
    {
        return [.. subject.Locations.Cast<Location?>().DefaultIfEmpty().Select(place => (IReadOnlyList<Cover>)
        [
            .. from freeze in freezes
               where freeze.Covers.Cover(subject, place)
               select new Cover(freeze, overrides.Where(one => one.Lifts(freeze, subject.Scope)).Max(one => (DateTimeOffset?)one.Until)),
        ])];
    }

    /// <summary>What is seen from one moment on, step by step.</summary>
    private static IEnumerable<Seen> Walk(IReadOnlyList<IReadOnlyList<Cover>> places, DateTimeOffset from, DateTimeOffset until)
    {
        var next = (DateTimeOffset?)from;
        for (var step = 0; step < StepsMax && next < until; step++)
        {
            var seen = See(places, next.Value);
            yield return seen;
            next = seen.Until;
        }
    }

    private static Seen See(IReadOnlyList<IReadOnlyList<Cover>> places, DateTimeOffset now)
    {
        var all = places.Select(covers => See(covers, now)).ToList();
        var frozen = all.Where(seen => seen.By is not null).ToList();
        return frozen.Count > 0
            ? new(now, Hardest(frozen.Select(seen => seen.By!)), Latest(frozen.Select(seen => seen.Until)))
            : new(now, null, Earliest(all.Select(seen => seen.Until)));
    }

    private static Seen See(IReadOnlyList<Cover> covers, DateTimeOffset now)
    {
        var all = covers.Select(cover => cover.See(now)).ToList();
        var denies = all.Where(seen => seen is { Freeze.Kind: FreezeKind.Deny, IsNow: true, LiftedUntil: null }).ToList();
        if (denies.Count > 0)
        {
            return new(now, Hardest(denies.Select(seen => seen.Freeze)), Latest(denies.Select(seen => seen.Until)));
        }

        var allows = all.Where(seen => seen.Freeze.Kind == FreezeKind.Allow).ToList();
        if (allows.Count > 0 && !allows.Exists(seen => seen.IsNow || seen.LiftedUntil is not null))
        {
            var opening = allows.OrderBy(seen => seen.Until ?? DateTimeOffset.MaxValue).ThenBy(seen => seen.Freeze.Name).First();
            return new(now, opening.Freeze, opening.Until);
        }

        return new(now, null, Earliest(all.SelectMany(seen => new[] { seen.Until, seen.LiftedUntil })));
    }

    private static Freeze Hardest(IEnumerable<Freeze> freezes) => freezes.OrderByDescending(freeze => freeze.InFlight).ThenBy(freeze => freeze.Name).First();

    /// <summary>Null is never, which is later than all others.</summary>
    private static DateTimeOffset? Latest(IEnumerable<DateTimeOffset?> moments) => moments.MaxBy(moment => moment ?? DateTimeOffset.MaxValue);

    private static DateTimeOffset? Earliest(IEnumerable<DateTimeOffset?> moments) => moments.MinBy(moment => moment ?? DateTimeOffset.MaxValue);

    /// <summary>A freeze that covers the subject, and until when it is lifted for it.</summary>
    private sealed record Cover(Freeze Freeze, DateTimeOffset? LiftedUntil)
    {
        public Times See(DateTimeOffset now)
        {
            var window = Windows.At(Freeze, now);
            return new(Freeze, window.IsNow, window.Until, now < LiftedUntil ? LiftedUntil : null);
        }
    }

    /// <summary>A freeze at a moment.</summary>
    private sealed record Times(Freeze Freeze, bool IsNow, DateTimeOffset? Until, DateTimeOffset? LiftedUntil);

    /// <summary>The subject at a moment; frozen or open, it stays so until the moment given.</summary>
    private sealed record Seen(DateTimeOffset At, Freeze? By, DateTimeOffset? Until);
}
