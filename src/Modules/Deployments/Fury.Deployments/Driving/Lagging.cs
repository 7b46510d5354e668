using System.Globalization;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Mesh.Contracts;
using static Fury.Deployments.Driving.Machine;

namespace Fury.Deployments.Driving;

/// <summary>The part of <see cref="Machine"/> that deals with proxies which hold a phase up: it names them, and waits on when the policy says so.</summary>
internal static class Lagging
{
    /// <summary>How long a deployment that waits on does so beyond its deadline: a week, so that no absence of a person ends it.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromDays(7);

    /// <summary>Who is slower than this is named.</summary>
    public static readonly TimeSpan TellFirst = TimeSpan.FromSeconds(2);

    /// <summary>What has changed is told after as long as the phase took before, and after this at the latest: a flapping proxy fills no history.</summary>
    public static readonly TimeSpan TellLatest = TimeSpan.FromMinutes(10);

    /// <summary>An event that names who holds the phase up; null when that was told, or it is too early.</summary>
    public static Move.Go? Tell(DeploymentRecord record, IReadOnlyList<ProxyState>? behind, long version, DateTimeOffset now)
    {
        var (names, told) = (Names(behind ?? []), record.Laggards?.ToldAt ?? record.PhaseSince);
        var pause = TimeSpan.FromTicks(Math.Clamp((told - record.PhaseSince).Ticks, TellFirst.Ticks, TellLatest.Ticks));
        return behind is null or [] || names == record.Laggards?.Proxies || now - told < pause ? null : Stay(
            record with { Laggards = new(names, now, record.Laggards?.WaitsSince) },
            now,
            $"Proxies have not applied version {version} {(record.Laggards?.WaitsSince is null ? "yet" : "and are still waited for")}: {names}.",
            ("behind", names),
            ("tableVersion", version));
    }

    /// <summary>The deadline is over, and the policy waits on. Null when it does not, or has done so for <see cref="WaitMax"/>.</summary>
    public static Move.Go? WaitOn(DeploymentRecord record, IReadOnlyList<ProxyState> behind, long version, DateTimeOffset now)
    {
        var (names, since) = (Names(behind), record.Laggards?.WaitsSince ?? now);
        var until = since + WaitMax;
        return record.Policy.WhenUnconverged != WhenUnconverged.Wait || now >= until ? null : Stay(
            record with { Deadline = until, Laggards = new(names, now, since) },
            now,
            $"Time is over and proxies have not applied version {version}: {names}. It waits on, as its policy says, until they have or are forgotten"
            + $"{(record.Back is null ? ", or it is aborted" : "")}; at most until {until:u}.",
            ("behind", names),
            ("tableVersion", version),
            ("until", until.ToString("O", CultureInfo.InvariantCulture)));
    }
}
