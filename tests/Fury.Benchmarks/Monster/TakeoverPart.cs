using System.Diagnostics;

namespace Fury.Benchmarks.Monster;

/// <summary>
/// Three hosts, 10,000 sagas that wait in a poll, and one host that is killed while it also runs five-step sagas as fast as it can. The
/// time is from the kill to the moment when the last saga of the dead host has asked elsewhere. Then everything must finish, and the journal
/// must tell of every step of every saga once.
/// </summary>
internal static class TakeoverPart
{
    private const int Sagas = 10_000;
    private const int InFlight = 64;

    private static readonly TimeSpan Within = TimeSpan.FromMinutes(1);

    /// <summary>A little more than the interval of the polls: by then each saga has asked, wherever it is.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    private const string BalancedSql = """
        select count(*) from (select from lm.shard where owner is not null group by owner having count(*) between 80 and 90) even
        """;

    /// <summary>Sagas of which the journal does not tell each step once, in an unbroken row.</summary>
    private const string BrokenSql = """
        select count(*) from (
          select from lm.done d join lm.definition f using (def, ver) join lm.journal j on j.saga = d.id
           group by d.id, f.name
          having count(*) <> max(j.seq)
              or count(distinct j.seq) <> max(j.seq)
              or count(distinct j.step) filter (where j.kind = 2) <> count(*) filter (where j.kind = 2)
              or count(*) filter (where j.kind = 2) <> case f.name when 'bench.five-steps' then 5 else 3 end) broken
        """;

    private const string UnfinishedSql = """
        select count(*) from lm.start_key k where not exists (select from lm.done d where d.id = k.saga and d.outcome = 7)
        """;

    public static async Task Run(Ground ground)
    {
        var database = await ground.Cluster.CreateDatabase("takeover", ground.Stop);
        await using var victim = await HostProcess.Start(database, ground.Stop);
        await using var second = await HostProcess.Start(database, ground.Stop);
        await using var third = await HostProcess.Start(database, ground.Stop);
        await Until.True(async () => await database.Number(BalancedSql, ground.Stop) >= 3, Within, "three hosts share the shards", ground.Stop);
        await victim.Ask<Done>(new Order.Wait("takeover", WaitingKind.QuickPolls, Sagas), ground.Stop);
        await Until.True(
            async () => await database.Number("select count(*) from lm.saga where state = 2", ground.Stop) >= Sagas, Within, "all wait", ground.Stop);

        foreach (var host in new[] { victim, second, third })
        {
            await host.Ask<Done>(new Order.Mark(), ground.Stop);
        }

        await Task.Delay(Round, ground.Stop);
        var lost = (await Tell(victim, ground.Stop)).Keys.ToHashSet();
        _ = Run(victim);
        await Task.Delay(Round, ground.Stop);
        HostProcess[] left = [second, third];
        foreach (var host in left)
        {
            await host.Ask<Done>(new Order.Mark(), ground.Stop);
        }

        var killed = Stopwatch.GetTimestamp();
        await victim.Kill();
        Dictionary<int, long> found = [];
        await Until.True(
            async () =>
            {
                found = (await Task.WhenAll(left.Select(host => Tell(host, ground.Stop))))
                    .SelectMany(told => told)
                    .Where(told => lost.Contains(told.Key))
                    .GroupBy(told => told.Key, told => told.Value)
                    .ToDictionary(told => told.Key, told => told.Min());
                return found.Count == lost.Count;
            },
            Within,
            "every saga of the dead host has asked elsewhere",
            ground.Stop);
        var takeover = Stopwatch.GetElapsedTime(killed, found.Values.Max());
        await Finish(ground, database, left);

        var figures = ground.Findings.Figures;
        figures["takeover_s"] = takeover.TotalSeconds;
        figures["takeover_first_s"] = Stopwatch.GetElapsedTime(killed, found.Values.Min()).TotalSeconds;
        figures["takeover_sagas"] = lost.Count;
        ground.Say(
            $"  {lost.Count:N0} waiting sagas of the dead host ask elsewhere {figures["takeover_first_s"]:0.0} to {takeover.TotalSeconds:0.0} s "
            + "after it was killed; "
            + $"{figures["takeover_sagas_finished"]:N0} sagas finished, {figures["takeover_broken_sagas"]:0} of them with a step lost or done twice");
    }

    /// <summary>Its answer will never come.</summary>
    private static async Task Run(HostProcess victim)
    {
        try
        {
            await victim.Ask<Finished>(new Order.Run("crash", InFlight, Within.TotalSeconds), CancellationToken.None);
        }
        catch (Exception gone) when (gone is InvalidOperationException or IOException)
        {
            // As it should be.
        }
    }

    private static async Task Finish(Ground ground, Database database, HostProcess[] left)
    {
        var clock = Stopwatch.StartNew();
        foreach (var host in left)
        {
            await host.Ask<Done>(new Order.Open(), ground.Stop);
        }

        await Until.True(async () => await database.Number(UnfinishedSql, ground.Stop) == 0, Within, "all sagas finish", ground.Stop);
        ground.Findings.Figures["takeover_finish_s"] = clock.Elapsed.TotalSeconds;
        ground.Findings.Figures["takeover_sagas_finished"] = await database.Number("select count(*) from lm.done", ground.Stop);
        ground.Findings.Figures["takeover_broken_sagas"] = await database.Number(BrokenSql, ground.Stop);
    }

    private static Task<Dictionary<int, long>> Tell(HostProcess host, CancellationToken cancellation) =>
        host.Ask<Dictionary<int, long>>(new Order.Tell(), cancellation);
}
