using Fury.Cli.CommandLine;
using Fury.Cli.Output;

namespace Fury.Cli.Upgrades;

/// <summary>Upgrades as people read them.</summary>
internal static class UpgradeText
{
    public static string WaveOf(UpgradeRecord upgrade) => upgrade.Waves == 0 ? "none" : $"{upgrade.Wave} of {upgrade.Waves}";

    public static void WriteState(TextWriter output, UpgradeRecord upgrade) =>
        output.WriteLine(Plain.Text($"Upgrade {upgrade.Name} ({upgrade.Id}) is {upgrade.State}. {upgrade.Why}"));

    /// <summary>What was asked of one of its clusters, as it is now.</summary>
    public static void WriteCluster(TextWriter output, UpgradeRecord upgrade, string cluster)
    {
        var one = upgrade.Clusters?.FirstOrDefault(target => target.Cluster == cluster);
        var approved = one?.ApprovedBy is { } by ? $", approved by {by}" : "";
        output.WriteLine(Plain.Text($"Cluster {cluster} of upgrade {upgrade.Name} is {one?.State}{approved}. {one?.Reason}".TrimEnd()));
    }

    public static void WritePlan(TextWriter output, UpgradeRecord plan)
    {
        var clusters = plan.Clusters ?? [];
        TextTable.WriteFacts(
            output,
            ("to", plan.Version),
            ("clusters", $"{clusters.Count(one => !one.IsLeftOut)}, and {clusters.Count(one => one.IsLeftOut)} left out"),
            ("waves", $"{plan.Waves}"),
            ("how", HowOf(plan)),
            ("at once", AtOnce(plan)),
            ("soak", Spans.Text(plan.SoakSeconds)),
            ("deadline", Spans.Text(plan.DeadlineSeconds)),
            ("stops at", Failures(plan)));
        output.WriteLine();
        var table = new TextTable("WAVE", "CLUSTER", "CRITICALITY", "REGION", "FROM", "HOW", "SHAPE");
        foreach (var one in clusters)
        {
            var (wave, how) = one.IsLeftOut ? (null, one.Reason) : ($"{one.Wave}", HowOf(one));
            table.Row(wave, one.Cluster, one.Criticality, RegionOf(one), one.From, how, ShapeOf(one, clusters));
        }

        table.Write(output);
        var news = clusters.Where(one => IsNews(one, clusters)).Select(one => one.Cluster).ToList();
        if (news.Count > 0)
        {
            output.WriteLine(Plain.Text(
                "At their turn these wait for an approval by somebody else than who starts it, unless an upgrade before has brought their shape to "
                + $"{plan.Version}: {string.Join(", ", news)}."));
        }

        output.WriteLine("Nothing has begun: 'fury upgrade start NAME' with the same options begins it.");
    }

    /// <param name="isWide">With where each cluster is, what kind it is, and who has approved it.</param>
    public static void Write(TextWriter output, UpgradeRecord upgrade, bool isWide)
    {
        TextTable.WriteFacts(
            output,
            ("upgrade", upgrade.Id),
            ("name", upgrade.Name),
            ("by", upgrade.By),
            ("to", upgrade.Version),
            ("state", upgrade.State),
            ("why", upgrade.Why),
            ("wave", WaveOf(upgrade)),
            ("clusters", CountsOf(upgrade.Counts)),
            ("how", HowOf(upgrade)),
            ("at once", AtOnce(upgrade)),
            ("soak", Spans.Text(upgrade.SoakSeconds)),
            ("deadline", Spans.Text(upgrade.DeadlineSeconds)),
            ("stops at", Failures(upgrade)),
            ("created", Plain.Time(upgrade.CreatedAt)),
            ("ended", upgrade.EndedAt is { } end ? Plain.Time(end) : null));
        output.WriteLine();
        string[] wide = isWide ? ["CRITICALITY", "REGION", "HOW", "SHAPE", "APPROVED BY"] : [];
        var table = new TextTable(["WAVE", "CLUSTER", "STATE", "FROM", "SINCE", .. wide, "REASON"]);
        foreach (var one in upgrade.Clusters ?? [])
        {
            string?[] more = isWide ? [one.Criticality, RegionOf(one), HowOf(one), one.Shape, one.ApprovedBy] : [];
            table.Row([$"{one.Wave}", one.Cluster, one.State, one.From, one.Since is { } since ? Plain.Time(since) : null, .. more, one.Reason])
                .Under(Differences(one));
        }

        table.Write(output);
        if (upgrade.Clusters?.FirstOrDefault(one => one.Difference is not null) is { } waiting)
        {
            output.WriteLine(Plain.Text(
                $"Somebody else than {upgrade.By} lets it have its turn: fury upgrade approve {upgrade.Id} {waiting.Cluster} --reason TEXT"));
        }
    }

    /// <summary>Nothing less critical has its shape, and it is not itself there to try it.</summary>
    private static bool IsNews(UpgradeClusterRecord one, IReadOnlyList<UpgradeClusterRecord> all) =>
        one is { IsCanary: false, IsLeftOut: false, Shape: not null }
        && !all.Any(other => !other.IsLeftOut && other.Shape == one.Shape && other.Wave < one.Wave);

    private static string? ShapeOf(UpgradeClusterRecord one, IReadOnlyList<UpgradeClusterRecord> all) => one switch
    {
        { IsLeftOut: true } => null,
        { Shape: null } => "not told",
        { IsCanary: true } => "first of its shape",
        _ => IsNews(one, all) ? "nothing less critical has it" : "seen before",
    };

    private static string[] Differences(UpgradeClusterRecord one) => one.Difference switch
    {
        null => [],
        { Count: 0 } => ["No shape has gone well yet that it could be compared with."],
        { } told => [.. told],
    };

    private static string CountsOf(UpgradeCountsRecord counts) =>
        $"{counts.Waiting} waiting, {counts.Emptying} emptying, {counts.Upgrading} upgrading, {counts.Soaking} soaking, "
        + $"{counts.Done} done, {counts.Failed} failed, {counts.Skipped} skipped";

    private static string HowOf(UpgradeRecord upgrade) => upgrade.EmptyFirst ? "each is emptied first" : "in place";

    private static string HowOf(UpgradeClusterRecord one) => one.IsManaged ? "by its provider" : "by hand";

    private static string AtOnce(UpgradeRecord upgrade) => $"{upgrade.MaxConcurrent} at most, in each region one";

    private static string Failures(UpgradeRecord upgrade) => upgrade.StopAfter == 1 ? "the first failure" : $"{upgrade.StopAfter} failures";

    private static string RegionOf(UpgradeClusterRecord one) => $"{one.Provider}/{one.Region}";
}
