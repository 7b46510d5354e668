using Fury.Deployments.Judging;
using Fury.Deployments.Sources;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Sources;

public sealed class MetricTotalsTests
{
    private static readonly PoolId Pool = PoolId.New(TimeProvider.System);
    private static readonly DateTimeOffset Start = AMoment.Now;

    [Fact]
    public void The_first_look_at_a_counter_is_where_it_begins_and_the_same_answer_is_no_news()
    {
        var (nothing, first) = Since(null, Counters(0, bad: [], all: [("a", 100)]));
        Assert.Null(nothing);
        Assert.Null(Since(first, Counters(0, bad: [], all: [("a", 100)])).Reading);

        Assert.Equal((2, 10), Grown(first, Counters(15, bad: [("a", 2)], all: [("a", 110)])));
    }

    [Fact]
    public void A_replica_that_goes_comes_back_begins_anew_or_is_new_is_counted_once()
    {
        var counted = Since(null, Counters(0, bad: [], all: [("a", 100), ("b", 200)])).After;
        double total = 0;
        foreach (var (at, all) in new (int, (string, double)[])[]
        {
            (15, [("a", 110)]),
            (30, [("a", 120), ("b", 205)]),
            (45, [("a", 125), ("b", 1)]),
            (60, [("a", 125), ("b", 4), ("c", 7)]),
        })
        {
            (var reading, counted) = Since(counted, Counters(at, bad: [], all));
            total += reading!.Total!.Value;
        }

        Assert.Equal(10 + 10 + 5 + 5 + 3 + 7, total);
    }

    [Fact]
    public void No_bad_events_are_none_only_where_all_events_are_told()
    {
        var first = Since(null, Counters(0, bad: [("a", 1)], all: [("a", 100)])).After;

        Assert.Equal((0, 5), Grown(first, Counters(15, bad: [], all: [("a", 105)])));
        var (reading, after) = Since(first, Counters(15, bad: [("a", 2)], all: []));
        Assert.Null(reading);
        Assert.Equal(first, after);
    }

    [Fact]
    public void Of_points_that_are_counted_in_their_seconds_each_is_counted_once()
    {
        var first = Since(null, Points(20, all: [(0, 5), (10, 6)])).After;
        var (reading, after) = Since(first, Points(35, all: [(0, 5), (10, 6), (20, 7), (30, 8)]));

        Assert.Equal(15, reading!.Total);
        Assert.Null(Since(after, Points(50, all: [(20, 7), (30, 8)])).Reading);
    }

    [Fact]
    public void Of_a_gauge_the_newest_point_is_news_once()
    {
        var (reading, after) = MetricTotals.Since(null, "queue", isValue: true, Points(20, all: [(0, 5), (10, 6)]));

        Assert.Equal([6], reading!.Points!);
        Assert.Null(MetricTotals.Since(after, "queue", isValue: true, Points(20, all: [(0, 5), (10, 6)])).Reading);
    }

    [Fact]
    public void What_a_source_says_of_a_metric_while_it_is_dark_is_nothing()
    {
        var first = Since(null, Counters(0, bad: [], all: [("a", 100)])).After;

        Assert.Equal((null, first), Since(first, Counters(15, bad: [], all: [("a", 300)]) with { Fault = Fault.Unavailable("Dark.") }));
        Assert.Equal((null, first), Since(first, null));
    }

    private static (double?, double?) Grown(MetricTotals? before, Sighting sighting)
    {
        var reading = Since(before, sighting).Reading!;
        return (reading.Count, reading.Total);
    }

    private static (Reading? Reading, MetricTotals? After) Since(MetricTotals? before, Sighting? sighting) =>
        MetricTotals.Since(before, "payments", isValue: false, sighting);

    private static Sighting Counters(int seconds, (string Series, double Value)[] bad, (string Series, double Value)[] all) =>
        new(Start.AddSeconds(seconds), IsCumulative: true, Of(seconds, bad), Of(seconds, all));

    private static Point[] Of(int seconds, (string Series, double Value)[] series) =>
        [.. series.Select(one => new Point(Pool, one.Series, Start.AddSeconds(seconds), one.Value))];

    private static Sighting Points(int seconds, (int At, double Value)[] all) =>
        new(Start.AddSeconds(seconds), IsCumulative: false, [], [.. all.Select(one => new Point(Pool, "", Start.AddSeconds(one.At), one.Value))]);
}
