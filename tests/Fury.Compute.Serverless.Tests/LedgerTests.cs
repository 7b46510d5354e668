using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;

namespace Fury.Compute.Serverless.Tests;

/// <summary>What is promised, and when a promise ends.</summary>
public sealed class LedgerTests
{
    private static readonly Cluster One = Given.Cluster("one", zones: ["a", "b"]);

    private readonly Ledger _ledger = new();
    private readonly ReservationChanges _changes = new();

    public LedgerTests()
    {
        _ledger.Put(One);
        _ledger.Judge("one", HealthPhase.Healthy);
        See(0, 5, 5);
    }

    [Fact]
    public void A_promise_makes_the_room_smaller_at_once()
    {
        Place(Given.Request(4));

        Assert.Equal(6, Fit());
        Assert.Equal(4, Assert.Single(_changes.Kept).Value.Replicas);
    }

    [Fact]
    public void The_same_question_again_promises_nothing_more()
    {
        var request = Given.Request(4);
        Place(request);

        var again = Place(request);

        Assert.Equal((0, 4), (again.Decision.Pending, again.Decision.Placed.Sum(one => one.Replicas)));
        Assert.Equal(6, Fit());
    }

    [Fact]
    public void What_is_bound_is_deducted_by_the_node_and_no_longer_by_the_promise()
    {
        var request = Given.Request(4);
        Place(request);

        // Three of four are bound: their nodes have three holes less, and one is still outstanding.
        See(10, 3, 4, new Bound(request.Pool, 0, 2), new Bound(request.Pool, 1, 1));
        Assert.Equal((6, 3), (Fit(), _changes.Kept.Single().Value.Bound));

        See(20, 3, 3, new Bound(request.Pool, 0, 2), new Bound(request.Pool, 1, 2));
        Assert.Equal(6, Fit());
        Assert.Empty(_ledger.Promises);
        Assert.Single(_changes.Gone);
        Assert.Empty(Place(request).Decision.Added);
    }

    [Fact]
    public void Replicas_that_are_bound_in_another_zone_than_promised_count_too()
    {
        var request = Given.Request(4);
        Place(request);

        See(10, 1, 5, new Bound(request.Pool, 0, 4));

        Assert.Equal(6, Fit());
        Assert.Empty(_ledger.Promises);
    }

    [Fact]
    public void And_while_some_are_still_outstanding()
    {
        var request = Given.Request(4);
        Place(request);

        // Promised two and two; three are bound in one zone.
        See(10, 2, 5, new Bound(request.Pool, 0, 3));

        Assert.Equal(6, Fit());
    }

    [Fact]
    public void Older_news_change_nothing()
    {
        var request = Given.Request(4);
        See(10, 5, 5);
        Place(request);

        See(5, 5, 5, new Bound(request.Pool, 0, 4));

        Assert.Equal(6, Fit());
    }

    [Theory]
    [InlineData(599, false)]
    [InlineData(601, true)]
    public void A_promise_expires_when_its_time_has_passed_and_the_cluster_has_reported_since(int seconds, bool expired)
    {
        Place(Given.Request(4));

        See(seconds, 5, 5);

        Assert.Equal(expired ? 10 : 6, Fit());
        Assert.Equal(expired, !_ledger.Promises.Any());
    }

    [Fact]
    public void Without_a_report_no_promise_expires_however_late_it_is()
    {
        Place(Given.Request(4));

        var late = _ledger.Apply(Given.Request(10), _ledger.Fleet.Plan(Given.Request(10)), Given.Now.AddDays(1), _changes);

        Assert.Equal(4, late.Decision.Pending);
        Assert.Single(_ledger.Promises, promise => promise.Replicas == 4);
    }

    [Fact]
    public void A_plan_of_an_old_fleet_gets_what_is_left_and_the_rest_is_refused()
    {
        var old = _ledger.Fleet;
        var (first, second) = (Given.Request(7), Given.Request(7));
        Place(first);

        var applied = _ledger.Apply(second, old.Plan(second), Given.Now, _changes);

        Assert.Equal((4, 4), (applied.Refused, applied.Decision.Pending));
        Assert.Equal(PendingReason.Contended, applied.Decision.Reason);
        Assert.Equal(0, Fit());
    }

    [Fact]
    public void A_plan_with_a_hard_spread_is_kept_whole_or_not_at_all()
    {
        var old = _ledger.Fleet;
        var second = Given.Request(7, new Spread(SpreadLevel.Zone, 2));
        Place(Given.Request(7));

        var applied = _ledger.Apply(second, old.Plan(second), Given.Now, _changes);

        Assert.Equal((7, 3), (applied.Refused, Fit()));
    }

    [Fact]
    public void A_cluster_that_has_fallen_ill_since_the_plan_gets_nothing()
    {
        var old = _ledger.Fleet;
        _ledger.Judge("one", HealthPhase.Suspect);
        var request = Given.Request(1);

        Assert.Equal(1, _ledger.Apply(request, old.Plan(request), Given.Now, _changes).Refused);
    }

    [Fact]
    public void After_a_restart_promises_that_are_bound_already_are_not_deducted_twice()
    {
        var request = Given.Request(4);
        Place(request);
        var promises = _ledger.Promises.ToList();
        See(10, 3, 3, new Bound(request.Pool, 0, 2), new Bound(request.Pool, 1, 2));

        // The write of the release was lost.
        _ledger.Load(promises);

        Assert.Equal(6, Fit());
    }

    [Fact]
    public void A_released_promise_gives_its_room_back_with_the_next_report_and_not_before()
    {
        var request = Given.Request(4);
        Place(request);

        _ledger.Retire(request.Pool, Given.Now.AddSeconds(1), _changes);
        See(1, 5, 5);
        Assert.Equal(6, Fit());

        See(2, 4, 5, new Bound(request.Pool, 0, 1));
        Assert.Equal(9, Fit());
        Assert.Equal((0, 1, 1), (_changes.Kept.Count, _changes.Gone.Count, _changes.Retired.Count));
    }

    [Fact]
    public void With_a_cluster_that_is_removed_its_promises_end()
    {
        var request = Given.Request(4);
        Place(request);

        _ledger.Remove("one", _changes);

        Assert.Empty(_ledger.Promises);
        Assert.Single(_changes.Gone);
        Assert.Equal(4, Place(request).Decision.Pending);
    }

    [Fact]
    public void What_a_pool_has_in_a_cluster_that_it_leaves_does_not_count()
    {
        var request = Given.Request(4);
        Place(request);
        _ledger.Put(Given.Cluster("two"));
        _ledger.Judge("two", HealthPhase.Healthy);
        _ledger.See(Given.Seen(Given.Cluster("two"), null, 10), _changes);

        var moved = Place(request with { Leaving = ["one"] });

        Assert.Equal([new("two", "a", 4)], moved.Decision.Placed);
    }

    private Applied Place(PlacementRequest request) => _ledger.Apply(request, _ledger.Fleet.Plan(request), Given.Now, _changes);

    private void See(int seconds, int holesA, int holesB, params Bound[] bound) =>
        _ledger.See(Given.Seen(One, Given.Now.AddSeconds(seconds), holesA, holesB) with { Bound = bound }, _changes);

    private int Fit() => _ledger.Fleet.Room(0).Fit(Given.Small).Total;
}
