using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Objects;
using Fury.Kernel;

namespace Fury.ClusterApi.Tests.Objects;

public sealed class PoolMoveTests
{
    [Fact]
    public void What_is_not_there_is_created() => Assert.Equal(new PoolMove.Create(), PoolMove.Next(default, Given.Workload));

    [Fact]
    public void The_same_wish_again_is_completed() => Assert.Equal(new PoolMove.Repair(), PoolMove.Next(Set(Given.Workload), Given.Workload));

    [Fact]
    public void The_same_wish_undoes_no_newer_number() =>
        Assert.Equal(new PoolMove.Repair(), PoolMove.Next(Set(Given.Workload, replicas: 9), Given.Workload));

    [Fact]
    public void Another_workload_under_a_known_token_is_a_conflict() =>
        AssertConflict(PoolMove.Next(Set(Given.Workload), Given.Workload with { Replicas = 4 }));

    [Fact]
    public void Another_template_is_a_conflict_under_any_token() => AssertConflict(PoolMove.Next(
        Set(Given.Workload), Given.Workload with { ClientToken = "wish-2", Template = Given.Template with { Port = 1 } }));

    [Fact]
    public void A_pool_that_is_being_removed_is_not_made_again() => AssertConflict(PoolMove.Next(Set(Given.Workload, deleted: true), Given.Workload));

    [Theory]
    [InlineData(3, 5, null, 5)]
    [InlineData(3, 1, null, 1)]
    [InlineData(3, 0, null, 0)]
    [InlineData(3, 3, null, null)]
    [InlineData(3, 5, "2-10", 5)]
    [InlineData(8, 5, "2-10", null)]
    [InlineData(8, 0, "2-10", 0)]
    [InlineData(0, 1, "2-10", 2)]
    [InlineData(8, 1, "2-6", 6)]
    [InlineData(1, 1, "4-6", 4)]
    public void A_new_wish_moves_the_numbers_and_leaves_the_autoscaler_its_own(int now, int wanted, string? bounds, int? next)
    {
        var scaling = bounds?.Split('-') is [var floor, var ceiling] ? new PoolScaling(int.Parse(floor), int.Parse(ceiling)) : null;
        var wish = Given.Workload with { ClientToken = "wish-2", Replicas = wanted, Scaling = scaling };

        Assert.Equal(new PoolMove.Renumber(next), PoolMove.Next(Set(Given.Workload, now), wish));
    }

    private static void AssertConflict(PoolMove move) => Assert.Equal(FaultKind.Conflict, Assert.IsType<PoolMove.Refuse>(move).Why.Kind);

    private static JsonElement Set(PoolWorkload workload, int replicas = 3, bool deleted = false)
    {
        var set = PoolObjects.Create(workload, "fury");
        set["spec"]!["replicas"] = replicas;
        if (deleted)
        {
            set["metadata"]!["deletionTimestamp"] = "2026-03-01T12:00:00Z";
        }

        return JsonElement.Parse(set.ToJsonString());
    }
}
