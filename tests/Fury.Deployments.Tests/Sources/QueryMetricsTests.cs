using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Microsoft.Extensions.Configuration;

namespace Fury.Deployments.Tests.Sources;

/// <summary>What scopes scale by, of what sources say.</summary>
public sealed class QueryMetricsTests : IDisposable
{
    private const string Query = "queue of $pools";

    private readonly TestClock _clock = new();
    private readonly FakeSource _source = new();
    private readonly MetricSources _sources;
    private readonly QueryMetrics _metrics;
    private readonly PoolId[] _pools = [PoolId.New(TimeProvider.System), PoolId.New(TimeProvider.System)];

    public QueryMetricsTests()
    {
        _sources = _source.AsOnly(_clock);
        _metrics = new([new("queue", _source.Name, Query)], _sources, _clock);
    }

    public void Dispose() => _sources.Dispose();

    [Fact]
    public async Task What_a_source_says_of_each_pool_is_told_and_of_the_others_nothing()
    {
        _source.Say(Query, _pools[0], 1200);

        Assert.Equal([(_pools[0], 1200)], await Read(1));
        Assert.Single(_source.Requests);
    }

    [Fact]
    public async Task A_source_that_is_dark_is_known_for_fifty_seconds_and_known_again_when_it_answers()
    {
        _source.Say(Query, _pools[0], 7);
        Assert.Single(await Read(1));

        _source.Broken = Fault.Unavailable("It is dark.");
        Assert.Empty(await Read(16));

        _source.Broken = null;
        Assert.Single(await Read(61));
    }

    [Fact]
    public async Task Nobody_waits_for_a_slow_source_and_what_it_said_long_ago_is_not_told()
    {
        _source.Say(Query, _pools[0], 7);
        Assert.Single(await Read(1));

        _source.Slow = new TaskCompletionSource().Task;
        Assert.Single(await Told(16));
        Assert.Empty(await Told(50));
    }

    [Fact]
    public async Task What_is_no_number_is_not_told()
    {
        _source.Say(Query, _pools[0], double.NaN);

        Assert.Empty(await Read(1));
    }

    [Fact]
    public void Only_its_names_are_told() => Assert.Equal((true, false), (_metrics.Tells("queue"), _metrics.Tells("cpu")));

    [Fact]
    public void Queries_are_read_from_the_settings()
    {
        var query = Assert.Single(Options(("queue:Source", "prom"), ("queue:Query", "sum by (fury_pool) (queue{fury_pool=~\"$pools\"})")));

        Assert.Equal(("queue", "prom"), (query.Name, query.Source));
    }

    [Theory]
    [InlineData("cpu", "Source", "prom", "The name of Fury:Metrics:Queries:cpu must be 1 to 100 letters")]
    [InlineData("queue", "Source", "nagios", "Fury:Metrics:Queries:queue:Source must be one of prom, and is 'nagios'.")]
    [InlineData("queue", "Query", "up", "Fury:Metrics:Queries:queue:Query must be a query of at most 2000 characters with $pools in the place of the pools")]
    [InlineData("queue", "Quary", "x", "Fury:Metrics:Queries:queue:Quary is no setting of a query; there are Source, Query.")]
    public void What_is_wrong_is_said_in_one_sentence(string name, string key, string value, string sentence)
    {
        Dictionary<string, string> settings = new() { [$"{name}:Source"] = "prom", [$"{name}:Query"] = "q{fury_pool=~\"$pools\"}" };
        settings[$"{name}:{key}"] = value;

        var wrong = Assert.Throws<InvalidOperationException>(() => Options([.. settings.Select(one => (one.Key, one.Value))]));

        Assert.StartsWith(sentence, wrong.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<QueryOptions> Options(params (string Key, string Value)[] settings) => QueryOptions.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(one => KeyValuePair.Create<string, string?>($"{QueryOptions.Section}:{one.Key}", one.Value)))
            .Build(),
        [new SourceOptions("prom", SourceKind.Prometheus, new("http://localhost"))]);

    /// <summary>After so many seconds, when its round is over.</summary>
    private async Task<IEnumerable<(PoolId, double)>> Read(int seconds)
    {
        await Told(seconds);
        await _metrics.Rounds;
        return await Told(0);
    }

    private async Task<IEnumerable<(PoolId, double)>> Told(int seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        return (await _metrics.Read("queue", _pools, default)).Select(one => (one.Key, one.Value));
    }
}
