using Fury.Deployments.Contracts;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Tests.Sources;

public sealed class SourceReaderTests
{
    private static readonly MetricPolicy Payments = new("payments", "shop", MetricKind.Ratio) { Bad = "failed of $pools", All = "all of $pools" };

    private readonly TestClock _clock = new();
    private readonly FakeSource _source = new();
    private readonly Lines _log = new();
    private readonly PoolId _pool = PoolId.New(TimeProvider.System);

    [Fact]
    public async Task A_source_is_asked_once_in_its_period_however_often_it_is_looked_at()
    {
        using var sources = _source.AsOnly(_clock);
        for (var second = 0; second < 120; second++)
        {
            await Ask(sources, _pool);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        var times = _source.Requests.Where(request => request.Query == Payments.All).Select(request => request.At).ToList();
        Assert.Equal(Enumerable.Range(0, 8).Select(slot => times[0].AddSeconds(15 * slot)), times);
        Assert.Equal(0, times[0].ToUnixTimeSeconds() % 15);
    }

    [Fact]
    public async Task A_thousand_pools_are_asked_for_in_few_requests()
    {
        using var sources = _source.AsOnly(_clock);
        PoolId[] pools = [.. Enumerable.Range(0, 1000).Select(_ => PoolId.New(_clock))];
        foreach (var pool in pools)
        {
            _source.Say(Payments.Bad!, pool, 0);
            _source.Say(Payments.All!, pool, 7);
        }

        await Ask(sources, pools);

        Assert.Equal(10, _source.Requests.Count);
        Assert.All(_source.Requests, request => Assert.Equal(SourceReader.PoolsPerRequestMax, request.Pools));
        Assert.All(pools, pool => Assert.Equal(7, Assert.Single(sources.See().Of(Payments, pool)!.All).Value));
    }

    [Fact]
    public async Task Nobody_waits_for_a_slow_source_and_it_is_not_asked_again_before_it_has_answered()
    {
        using var sources = _source.AsOnly(_clock);
        var slow = new TaskCompletionSource();
        (_source.Slow, var asked) = (slow.Task, 0);
        for (var second = 0; second < 60; second++)
        {
            sources.Ask([(Payments, _pool)]);
            Assert.Null(sources.See().Of(Payments, _pool));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        slow.SetResult();
        await sources.Rounds;
        asked = _source.Requests.Count;
        Assert.Equal(2, asked);
        Assert.NotNull(sources.See().Of(Payments, _pool));
    }

    [Fact]
    public async Task A_source_that_is_dark_is_asked_less_and_less_often_and_says_so_once()
    {
        using var sources = _source.AsOnly(_clock, log: _log);
        _source.Broken = Fault.Unavailable("Source shop is dark: it answers 503.");
        for (var second = 0; second < 180; second++)
        {
            await Ask(sources, _pool);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        // At 0, 15, 45, 105 and 165 s: pauses of 15, 30 and then 60 s.
        Assert.Equal(5, _source.Requests.Count(request => request.Query == Payments.All));
        Assert.Equal("payments (bad): Source shop is dark: it answers 503.", sources.See().Of(Payments, _pool)!.Fault!.Message);
        _source.Broken = null;
        _clock.Advance(SourceReader.PauseMax);
        await Ask(sources, _pool);

        Assert.Null(sources.See().Of(Payments, _pool)!.Fault);
        Assert.Equal(["Metrics of shop are missing. Source shop is dark: it answers 503.", "Source shop answers again."], _log.All);
    }

    [Fact]
    public async Task A_round_is_given_up_when_the_source_is_dark()
    {
        using var sources = _source.AsOnly(_clock);
        _source.Broken = Fault.Unavailable("Source shop is dark: it answers 503.");
        PoolId[] pools = [.. Enumerable.Range(0, 10_000).Select(_ => PoolId.New(_clock))];

        await Ask(sources, pools);

        Assert.InRange(_source.Requests.Count, 3, 3 + SourceReader.RequestsAtOnceMax);
        Assert.All(pools, pool => Assert.Equal(FaultKind.Unavailable, sources.See().Of(Payments, pool)!.Fault!.Kind));
    }

    [Fact]
    public void A_source_that_this_host_does_not_know_is_dark()
    {
        using var sources = _source.AsOnly(_clock);

        var fault = sources.See().Of(Payments with { Source = "elsewhere" }, _pool)!.Fault!;
        Assert.Equal("payments: this host knows no source elsewhere, but shop.", fault.Message);
    }

    private static Task Ask(MetricSources sources, params PoolId[] pools)
    {
        sources.Ask(pools.Select(pool => (Payments, pool)));
        return sources.Rounds;
    }

    private sealed class Lines : ILogger<MetricSources>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
