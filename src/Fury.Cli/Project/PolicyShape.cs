using Fury.Deployments.Contracts;

namespace Fury.Cli.Project;

/// <summary>The limits of a deployment, and what its candidate is judged by.</summary>
internal static class PolicyShape
{
    private const int Week = 604_800;

    private static readonly Text Query = ManifestShape.Line(4000);

    public static Whole Seconds { get; } = new(0, Week);

    public static Fields Policy { get; } = new(
        ("provisionSeconds", new Whole(1, 86_400)),
        ("convergeSeconds", new Whole(1, 86_400)),
        ("judgeSeconds", new Whole(0, 86_400)),
        ("bakeSeconds", new Whole(0, 86_400)),
        ("drainSeconds", new Whole(0, 86_400)),
        ("maxErrorPercent", new Number(0, 100)),
        ("minRequests", new Whole(1, 1_000_000_000)),
        ("maxRestarts", new Whole(0, 1_000_000_000)),
        ("whenUnconverged", Choice.Of<WhenUnconverged>()),
        ("stepDeadlineSeconds", new Whole(1, Week)),
        ("holdSeconds", new Whole(1, Week)),
        ("headroomPercent", new Whole(0, 200)),
        ("onFail", Choice.Of<OnFail>()),
        ("toleratedRatio", new Number(1, 10)),
        ("maxP99Ms", new Number(1, 600_000)),
        ("extraLatencyMs", new Number(0, 600_000)),
        ("metrics", new Many(new Fields(
            ("name", ManifestShape.Word()),
            ("source", ManifestShape.Word()),
            ("kind", Choice.Of<MetricKind>()),
            ("bad", Query),
            ("all", Query),
            ("value", Query),
            ("worse", Choice.Of<Direction>()),
            ("tolerance", new Number(0, 1e9)),
            ("weight", new Number(0, 1e9)),
            ("critical", new Flag()),
            ("shadow", new Flag()),
            ("mustHaveData", new Flag()),
            ("spacingSeconds", new Whole(0, 86_400)))
        { Required = ["name", "source"] })));
}
