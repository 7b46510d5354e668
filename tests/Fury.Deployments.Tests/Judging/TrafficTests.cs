using System.Net;
using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Tests.Judging;

/// <summary>What plots and lists of all scopes show, over the API.</summary>
public sealed class TrafficTests(House house) : OverHttp(house)
{
    [Fact]
    public async Task What_the_judge_saw_is_told_as_points_and_the_deployment_is_among_those_of_all_scopes()
    {
        var failed = await ReplayDeskTests.Failed(House);
        var points = (await Http.Get($"deployments/{failed}/traffic")).Read<List<TrafficPoint>>();
        var later = (await Http.Get($"deployments/{failed}/traffic?after={points[^1].Tick - 1}")).Read<List<TrafficPoint>>();
        var application = (await House.Deployments.Find(failed, default)).Value.Scope.Application;
        var own = (await Http.Get($"deployments?application={application}&ended=true&limit=1")).Read<Page<Deployment>>();
        var next = (await Http.Get($"deployments?application={application}&ended=true&limit=1&after={own.Next}")).Read<Page<Deployment>>();
        var moving = (await Http.Get($"deployments?application={application}&ended=false")).Read<Page<Deployment>>();

        Assert.Equal(points.Select(point => point.Tick), Enumerable.Range(1, points.Count));
        Assert.True(points.Sum(point => point.Candidate.Requests) >= 100);
        Assert.Equal(points.Sum(point => point.Candidate.Requests) / 4, points.Sum(point => point.Candidate.Errors));
        Assert.Equal(points[^1], Assert.Single(later));
        Assert.True(own.Items is [{ Ended: true }] && next.Items[0].Id.Value.CompareTo(own.Items[0].Id.Value) < 0);
        Assert.DoesNotContain(moving.Items, one => one.Ended);
        Api.AssertRefused(await Http.Get("deployments?limit=501"), HttpStatusCode.BadRequest, "1 to 500");
        Api.AssertRefused(await Http.Get($"deployments/{Guid.NewGuid()}/traffic"), HttpStatusCode.NotFound);
    }

    [Fact]
    public void Many_ticks_are_few_points_and_latencies_are_read_between_the_bounds_of_their_bucket()
    {
        Tick Of(int second) => new(
            DateTimeOffset.UnixEpoch.AddSeconds(second), TimeSpan.FromSeconds(1),
            [new("here", new() { Requests = 3, Errors = 1, Latencies = Buckets(2, 3), Ready = 2 })]);

        var points = TrafficSeries.Of([.. Enumerable.Range(1, 10).Select(tick => (tick, Of(tick)))], 4);

        Assert.Equal([3, 6, 9, 10], points.Select(point => point.Tick));
        Assert.Equal(new ArmPoint(9, 3, 1.71, 1.99, 2), points[0].Candidate);
        Assert.Equal(3, points[0].Seconds);
        Assert.Null(points[0].Current);
        Assert.Null(TrafficSeries.Quantile(Buckets(0, 0), 0.5));
    }

    private static long[] Buckets(int at, long count)
    {
        var buckets = new long[Latency.BucketBounds.Count + 1];
        buckets[at] = count;
        return buckets;
    }
}
