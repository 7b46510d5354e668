using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.LittleMonster.Testing;

namespace Fury.Deployments.Tests.Sources;

/// <summary>Against a fake that lets no mistake pass; nothing here asks Datadog itself.</summary>
public sealed class DatadogTests : MetricSourceContract, IDisposable
{
    private readonly TestClock _clock = new();
    private readonly StrictDatadog _datadog = new();

    private protected override IMetricSource Source => NewSource("api-key");

    private protected override (string Bad, string All, string Unlabelled, string Nonsense) Queries => (
        "sum:payments.failed{fury_pool IN ($pools)} by {fury_pool}.as_count()",
        "sum:payments.all{fury_pool IN ($pools)} by {fury_pool}.as_count()",
        "sum:payments.all{fury_pool IN ($pools)}.as_count()",
        "sum:payments.all{fury_pool IN [$pools]} by {fury_pool}.as_count()");

    [Fact]
    public async Task What_may_still_grow_is_left_to_the_next_time()
    {
        var pool = PoolId.New(TimeProvider.System);
        Count(pool, bad: 0, all: 10);

        Assert.Empty((await Source.Read(Queries.All, [pool], _clock.GetUtcNow() + Datadog.Settling, default)).Value);
        Assert.Single((await Source.Read(Queries.All, [pool], _clock.GetUtcNow() + Datadog.Settling + TimeSpan.FromSeconds(10), default)).Value);
    }

    [Fact]
    public async Task A_key_that_is_refused_is_named_by_its_setting_and_not_told()
    {
        var fault = (await NewSource("the-wrong-one").Read(Queries.All, [PoolId.New(TimeProvider.System)], Now(), default)).Fault!;

        Assert.Equal((FaultKind.Unavailable, "Source dog is dark: it refuses what dog:ApiKey and dog:ApplicationKey says (403)."), (fault.Kind, fault.Message));
    }

    public void Dispose() => _datadog.Dispose();

    private protected override void Count(PoolId pool, double bad, double all)
    {
        _datadog.Count(_clock.GetUtcNow(), "payments.failed", pool, bad);
        _datadog.Count(_clock.GetUtcNow(), "payments.all", pool, all);
    }

    /// <summary>Each time a minute later, when all that was counted has settled.</summary>
    private protected override DateTimeOffset Now()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        return _clock.GetUtcNow();
    }

    private Datadog NewSource(string key)
    {
        var options = new SourceOptions("dog", SourceKind.Datadog, new("https://api.datadoghq.com"))
        {
            ApiKey = new("dog:ApiKey", key, null),
            ApplicationKey = new("dog:ApplicationKey", "application-key", null),
        };
        return new(options, new(options, _datadog, _clock));
    }
}
