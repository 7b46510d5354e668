using System.Net;

namespace Fury.LocalCluster.Tests;

/// <summary>What goes wrong on purpose goes wrong as it would by itself.</summary>
public sealed class FaultTests : OnCluster
{
    [Fact]
    public async Task Too_many_requests_say_when_to_come_back()
    {
        (Cluster.Faults.TooManyRequestsShare, Cluster.Faults.RetryAfterSeconds) = (1, 7);
        var refused = await Api.Get(Client.Pods);
        Assert.Equal(((HttpStatusCode)429, "TooManyRequests", TimeSpan.FromSeconds(7)), (refused.Code, refused.Reason, refused.Headers.RetryAfter?.Delta));
        Assert.Equal(7, refused.Body.Number("details", "retryAfterSeconds"));
    }

    [Fact]
    public async Task A_share_is_about_that_share_and_the_same_in_every_run()
    {
        async Task<List<int>> Draw()
        {
            await using var cluster = await Cluster.Start(Options with { Seed = 42 });
            using var api = new Client(cluster);
            cluster.Faults.TooManyRequestsShare = 0.3;
            var codes = new List<int>();
            for (var request = 0; request < 200; request++)
            {
                codes.Add((int)(await api.Get(Client.Maps)).Code);
            }

            return codes;
        }

        var codes = await Draw();
        Assert.InRange(codes.Count(code => code == 429), 40, 80);
        Assert.Equal(codes, await Draw());
    }

    [Fact]
    public async Task The_next_requests_of_a_kind_fail_and_do_nothing()
    {
        Cluster.Faults.FailNext(503, 2, "create", "configmaps");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Api.Post(Client.Maps, Client.Map("a"))).Code);
        Assert.Equal(HttpStatusCode.OK, (await Api.Get(Client.Maps)).Code);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Api.Post(Client.Maps, Client.Map("a"))).Code);
        Assert.Equal(HttpStatusCode.Created, (await Api.Post(Client.Maps, Client.Map("a"))).Code);
        Assert.Equal(2, Cluster.Faults.Answers[503]);
    }

    [Fact]
    public async Task A_lost_answer_was_carried_out()
    {
        Cluster.Faults.LostAnswerShare = 1;
        await Assert.ThrowsAsync<HttpRequestException>(() => Api.Post(Client.Maps, Client.Map("a")));
        Cluster.Faults.Clear();
        Assert.Equal(HttpStatusCode.OK, (await Api.Get($"{Client.Maps}/a")).Code);
    }

    [Fact]
    public async Task A_clock_can_be_wrong_or_stand_still()
    {
        Cluster.ShiftClock(TimeSpan.FromDays(-400));
        var old = await Api.Post(Client.Maps, Client.Map("old"));
        Assert.True(old.Body.Time("metadata", "creationTimestamp") < TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(399));
        Cluster.StopClock();
        var one = await Api.Post(Client.Maps, Client.Map("one"));
        Assert.Equal(one.Body.Text("metadata", "creationTimestamp"), Cluster.Registry.Clock.GetUtcNow().Stamp());
        Assert.Equal(Cluster.Registry.Clock.GetUtcNow(), Cluster.Registry.Clock.GetUtcNow());
    }

    [Fact]
    public async Task A_dead_cluster_refuses_and_comes_back_where_it_was()
    {
        var address = Cluster.Address;
        await Api.Post(Client.Maps, Client.Map("a"));
        await Cluster.Kill();
        await Assert.ThrowsAsync<HttpRequestException>(() => Api.Get(Client.Maps));
        await Cluster.Revive();
        Assert.Equal(address, Cluster.Address);
        Assert.Equal(["a"], (await Api.Get(Client.Maps)).Names.Where(name => name == "a"));
    }

    [Fact]
    public async Task Latency_is_waited_for()
    {
        Cluster.Faults.Latency = TimeSpan.FromMilliseconds(60);
        var began = TimeProvider.System.GetTimestamp();
        await Api.Get(Client.Maps);
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(55));
    }
}
