using System.Globalization;
using Fury.LittleMonster.Chaos;

namespace Fury.LittleMonster.Tests.Chaos;

internal enum Mishap
{
    /// <summary>SIGKILL of a host.</summary>
    Kill,

    /// <summary>The host's process is started again, over the same data folder.</summary>
    Start,

    /// <summary>SIGSTOP of a host: it does nothing, and does not know it.</summary>
    Freeze,

    /// <summary>SIGCONT: it goes on in the middle of what it did.</summary>
    Thaw,

    /// <summary>What a host sends to PostgreSQL is held back.</summary>
    Hold,

    /// <summary>What was held arrives.</summary>
    Release,

    /// <summary>What PostgreSQL answers a host is lost.</summary>
    Deafen,

    /// <summary>The connections whose answers were lost break.</summary>
    Cut,

    /// <summary>The immediate stop of PostgreSQL, which is started again by who looks after it.</summary>
    StopPostgres,

    /// <summary>SIGKILL of PostgreSQL.</summary>
    KillPostgres,
}

/// <param name="At">Since the beginning.</param>
/// <param name="Host">Which one; 0 for PostgreSQL.</param>
internal sealed record PlannedMishap(TimeSpan At, Mishap What, int Host)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{At.TotalSeconds,6:f1} s {What}{(What < Mishap.StopPostgres ? $" host {Host}" : "")}");
}

/// <summary>
/// What goes wrong and when: a function of the seed. Each host and the server have a time line of their own, so that all of them may be
/// down at once; what is done to a host is always taken back.
/// </summary>
internal static class MishapPlan
{
    private static readonly (Mishap Harm, Mishap Cure)[] Pairs =
        [(Mishap.Kill, Mishap.Start), (Mishap.Freeze, Mishap.Thaw), (Mishap.Hold, Mishap.Release)];

    public static IReadOnlyList<PlannedMishap> Of(int seed, TimeSpan duration, int hosts, TimeSpan lease) =>
    [
        .. Enumerable.Range(0, hosts).SelectMany(host => OfHost(seed, duration, host, lease).Concat(OfWire(seed, duration, host)))
            .Concat(OfPostgres(seed, duration))
            .OrderBy(mishap => mishap.At),
    ];

    private static IEnumerable<PlannedMishap> OfHost(int seed, TimeSpan duration, int host, TimeSpan lease)
    {
        var chance = Chance.Of(seed, $"host {host}");
        for (var at = Seconds(chance, 1, 6); at < duration; at += Seconds(chance, 2, 8))
        {
            // Longer or shorter than the lease: it is replaced, or it is back before anybody has missed it.
            var (harm, cure) = chance.OneOf(Pairs);
            var down = chance.Next(4) == 0 ? chance.Between(lease * 0.1, lease * 0.9) : chance.Between(lease * 1.5, lease * 3.5);
            yield return new(at, harm, host);
            yield return new(at += down, cure, host);
        }
    }

    /// <summary>Often, and for a moment each: enough for the answers that are on their way.</summary>
    private static IEnumerable<PlannedMishap> OfWire(int seed, TimeSpan duration, int host)
    {
        var chance = Chance.Of(seed, $"wire {host}");
        for (var at = Seconds(chance, 1, 4); at < duration; at += Seconds(chance, 2, 5))
        {
            yield return new(at, Mishap.Deafen, host);
            yield return new(at += chance.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(300)), Mishap.Cut, host);
        }
    }

    private static IEnumerable<PlannedMishap> OfPostgres(int seed, TimeSpan duration)
    {
        var chance = Chance.Of(seed, "postgres");
        for (var at = Seconds(chance, 5, 10); at < duration; at += Seconds(chance, 8, 18))
        {
            yield return new(at, chance.Next(2) == 0 ? Mishap.StopPostgres : Mishap.KillPostgres, 0);
        }
    }

    private static TimeSpan Seconds(Random chance, int least, int most) =>
        chance.Between(TimeSpan.FromSeconds(least), TimeSpan.FromSeconds(most));
}
