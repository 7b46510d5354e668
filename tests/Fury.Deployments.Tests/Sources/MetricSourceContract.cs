using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Deployments.Tests.Sources;

/// <summary>What every source keeps. Its application counts payments, and those of them that have failed.</summary>
public abstract class MetricSourceContract
{
    private readonly PoolId _one = PoolId.New(TimeProvider.System);
    private readonly PoolId _two = PoolId.New(TimeProvider.System);

    private protected abstract IMetricSource Source { get; }

    /// <summary>The queries of a ratio, of one that has lost its label, and of nothing.</summary>
    private protected abstract (string Bad, string All, string Unlabelled, string Nonsense) Queries { get; }

    [Fact]
    public async Task Many_pools_are_told_apart_in_one_question()
    {
        Count(_one, bad: 1, all: 10);
        Count(_two, bad: 2, all: 20);
        Count(PoolId.New(TimeProvider.System), bad: 3, all: 30);

        IReadOnlyList<Point> points = [];
        await Eventually.True(async () => (points = await Read(Queries.All, _one, _two)).Count == 2, because: "both pools are told");

        Assert.Equal([(_one, 10), (_two, 20)], points.OrderBy(point => point.Value).Select(point => (point.Pool, point.Value)));
        Assert.Equal(2, Assert.Single(await Read(Queries.Bad, _two)).Value);
    }

    [Fact]
    public async Task What_was_counted_is_news_once()
    {
        MetricTotals? counted = null;
        var (bad, all) = (0.0, 0.0);
        Count(_one, bad: 5, all: 50);
        await Eventually.True(async () => (await Read(Queries.Bad, _one)).Count > 0, because: "the failures of the pool are told of");
        await Eventually.True(async () => await Look() && counted is not null, because: "the pool is told of");
        Assert.Equal((0, 0), (bad, all));
        Count(_one, bad: 3, all: 10);
        // Two questions: what was scraped between them is in the second one's answer only, and in both the next time.
        await Eventually.True(async () => await Look() && bad > 0 && all > 0, because: "there is news");
        Assert.Equal((3, 10), (bad, all));
        await Look();
        await Look();
        Assert.Equal((3, 10), (bad, all));

        async Task<bool> Look()
        {
            var at = Now();
            var sighting = new Sighting(at, Source.IsCumulative, await Read(Queries.Bad, at, _one), await Read(Queries.All, at, _one));
            (var reading, counted) = MetricTotals.Since(counted, "payments", isValue: false, sighting);
            (bad, all) = (bad + (reading?.Count ?? 0), all + (reading?.Total ?? 0));
            return true;
        }
    }

    [Fact]
    public async Task Of_a_pool_that_is_not_known_nothing_is_said()
    {
        Count(_one, bad: 0, all: 10);
        await Eventually.True(async () => (await Read(Queries.All, _one)).Count == 1, because: "the pool is told of");

        Assert.Empty(await Read(Queries.All, _two));
    }

    [Fact]
    public async Task Series_without_the_label_are_refused_with_what_would_be_right()
    {
        Count(_one, bad: 1, all: 10);
        Fault? fault = null;
        await Eventually.True(
            async () => (fault = (await Source.Read(Queries.Unlabelled, [_one], Now(), default)).Fault) is not null, because: "it is refused");

        Assert.Equal(FaultKind.Invalid, fault!.Kind);
        Assert.Contains($"Source {Source.Name} answers with series that lack the label fury_pool", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_that_is_not_understood_is_refused_in_the_words_of_the_source()
    {
        var fault = (await Source.Read(Queries.Nonsense, [_one], Now(), default)).Fault!;

        Assert.Equal(FaultKind.Invalid, fault.Kind);
        Assert.Contains($"Source {Source.Name} refuses the query: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("pars", fault.Message, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>So many more from now on.</summary>
    private protected abstract void Count(PoolId pool, double bad, double all);

    /// <summary>The time for which the source is asked.</summary>
    private protected abstract DateTimeOffset Now();

    private protected Task<IReadOnlyList<Point>> Read(string query, params PoolId[] pools) => Read(query, Now(), pools);

    private async Task<IReadOnlyList<Point>> Read(string query, DateTimeOffset at, params PoolId[] pools)
    {
        var read = await Source.Read(query, pools, at, default);
        Assert.True(read.IsOk, read.Fault?.Message);
        return read.Value;
    }
}
