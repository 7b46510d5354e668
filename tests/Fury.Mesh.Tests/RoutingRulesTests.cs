using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Routing;

namespace Fury.Mesh.Tests;

public sealed class RoutingRulesTests
{
    private static readonly ScopeRef Scope = MeshHost.Scope();
    private static readonly PoolId One = MeshHost.Pool();
    private static readonly PoolId Two = MeshHost.Pool();

    [Fact]
    public void Every_bad_weight_is_named()
    {
        var fault = RoutingRules.Check([new(One, -5), new(Two, 200), new(One, 0)]);

        Assert.Equal(FaultKind.Invalid, fault?.Kind);
        Assert.Equal(["pools[0].weight", "pools[1].weight", "pools", "pools"], fault?.Fields.Select(field => field.Field));
    }

    [Fact]
    public void No_pools_and_pools_that_add_up_are_right()
    {
        Assert.Null(RoutingRules.Check([]));
        Assert.Null(RoutingRules.Check([new(One, 90), new(Two, 10)]));
        Assert.NotNull(RoutingRules.Check([new(One, 0)]));
    }

    [Fact]
    public void An_older_fence_is_refused_even_when_nothing_would_change()
    {
        var move = RoutingRules.Decide(Table(7, new PoolWeight(One, 100)), [new(One, 100)], 6, [Ready(One)]);

        Assert.Equal(FaultKind.Stale, Assert.IsType<PublishMove.Refuse>(move).Fault.Kind);
    }

    [Fact]
    public void The_same_table_is_kept_even_when_its_pool_has_lost_its_endpoints()
    {
        var move = RoutingRules.Decide(Table(7, new PoolWeight(One, 100)), [new(One, 100)], 8, []);

        Assert.Equal((3, 8), (Assert.IsType<PublishMove.Keep>(move).Table.Version, ((PublishMove.Keep)move).Table.Fence));
    }

    [Fact]
    public void Weight_for_a_pool_that_is_unknown_not_ready_or_of_another_scope_is_refused_by_name()
    {
        var table = Table(1);
        foreach (var known in new KnownPool?[] { null, new(One, Scope, 0), new(One, MeshHost.Scope("other"), 1) })
        {
            var move = RoutingRules.Decide(table, [new(One, 100)], 1, known is null ? [] : [known]);

            var fault = Assert.IsType<PublishMove.Refuse>(move).Fault;
            Assert.Equal((FaultKind.Conflict, One.ToString()), (fault.Kind, fault.Facts["pool"]));
        }
    }

    [Fact]
    public void The_first_publication_of_nothing_is_a_publication() =>
        Assert.IsType<PublishMove.Replace>(RoutingRules.Decide(new(Scope, 0, [], 0), [], 1, []));

    private static KnownPool Ready(PoolId pool) => new(pool, Scope, 1);

    private static RoutingTable Table(long fence, params PoolWeight[] pools) => new(Scope, 3, pools, fence);
}
