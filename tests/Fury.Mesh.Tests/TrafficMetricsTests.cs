using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Proxies;
using Fury.Testing;
using NSubstitute;

namespace Fury.Mesh.Tests;

/// <summary>What engines may scale by.</summary>
public sealed class TrafficMetricsTests
{
    private readonly PoolId _pool = PoolId.New(TimeProvider.System);
    private readonly IRoutingTables _tables = Substitute.For<IRoutingTables>();
    private readonly ManualClock _clock = new();
    private readonly TrafficMetrics _metrics;

    public TrafficMetricsTests() => _metrics = new(_tables, _clock);

    [Fact]
    public async Task Requests_a_second_are_the_difference_of_two_looks_that_are_not_far_apart()
    {
        Assert.Empty(await Read("requests", 100));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(5, (await Read("requests", 150))[_pool]);

        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(await Read("requests", 900));
    }

    [Fact]
    public async Task Requests_in_flight_are_those_of_now() => Assert.Equal(7, (await Read("in-flight", 100))[_pool]);

    [Fact]
    public void Nothing_else_is_told() => Assert.Equal((true, true, false), (_metrics.Tells("requests"), _metrics.Tells("in-flight"), _metrics.Tells("cpu")));

    private Task<IReadOnlyDictionary<PoolId, double>> Read(string metric, long requests)
    {
        _tables.Traffic(Arg.Any<IReadOnlyList<PoolId>>(), Arg.Any<CancellationToken>())
            .Returns([PoolTraffic.None(_pool) with { Requests = requests, InFlight = 7 }]);
        return _metrics.Read(metric, [_pool], default);
    }
}
