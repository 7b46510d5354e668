using Envoy.Service.Discovery.V3;
using Fury.Mesh.Xds;
using Fury.Xds;
using Google.Protobuf;

namespace Fury.Mesh.Tests.Sessions;

public sealed class HubTests
{
    private const int Seed = 20261126;
    private const int Changes = 1500;
    private const int Others = 100;

    [Fact]
    public async Task Routes_do_not_overtake_the_clusters_that_came_with_them_while_a_change_is_being_told()
    {
        var world = new SessionWorld(new Random(Seed));
        var streams = Enumerable.Range(0, Others + 1).Select(number => world.Open(
            $"envoy-{number}", Dialect.Envoy, new(), (view, rejections, clock) => new DeltaSession(view, rejections, clock))).ToList();
        foreach (var stream in streams)
        {
            Ask(stream, new() { TypeUrl = XdsType.Cluster.Url() });
            Ask(stream, new() { TypeUrl = XdsType.Route.Url(), ResourceNamesSubscribe = { MeshNames.Outbound } });
        }

        var (told, over) = (streams[Others], false);
        var changing = Task.Run(() =>
        {
            for (var change = 0; change < Changes; change++)
            {
                world.Change();
            }

            Volatile.Write(ref over, true);
        });

        var known = new HashSet<string>();
        var routes = 0;
        while (true)
        {
            var isLast = Volatile.Read(ref over);
            if (world.Hub.Next(told) is { } response)
            {
                Take(response);
            }
            else if (isLast)
            {
                break;
            }
        }

        await changing;
        Assert.True(routes > 10, $"{routes} routes were sent.");

        void Take(Outgoing outgoing)
        {
            var response = DeltaDiscoveryResponse.Parser.ParseFrom([.. outgoing.Head.ToByteArray(), .. outgoing.Chunks.SelectMany(chunk => chunk.ToArray())]);
            foreach (var resource in response.Resources)
            {
                if (outgoing.Type == XdsType.Cluster)
                {
                    known.Add(resource.Name);
                    continue;
                }

                routes++;
                world.Know(outgoing.Type, resource.Version, resource.Resource_);
                Assert.Subset(known, world.ClustersOf(resource.Version).ToHashSet());
            }

            foreach (var removed in response.RemovedResources)
            {
                known.Remove(removed);
            }

            Ask(told, new() { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce });
        }

        static void Ask(XdsStream stream, DeltaDiscoveryRequest request)
        {
            lock (stream.Session.Gate)
            {
                ((DeltaSession)stream.Session).Receive(request);
            }
        }
    }

    [Fact]
    public void A_scope_that_is_not_followed_any_more_is_not_told_of_and_one_that_others_name_is()
    {
        var world = new SessionWorld(new Random(Seed));
        var stream = world.Open("one", Dialect.Fury, new(), (view, rejections, clock) => new DeltaSession(view, rejections, clock));
        string[] names = ["production-c.shop", "production-c.shop/pool", "production-d.shop/pool"];
        world.Hub.Follow(stream, names);
        var session = (DeltaSession)stream.Session;
        session.Receive(new() { TypeUrl = XdsType.Route.Url(), ResourceNamesSubscribe = { names[0] } });
        session.Receive(new() { TypeUrl = XdsType.Cluster.Url(), ResourceNamesSubscribe = { names[1..] } });

        session.Receive(new() { TypeUrl = XdsType.Cluster.Url(), ResourceNamesUnsubscribe = { names[1..] } });
        world.Hub.Unfollow(stream, names[1..]);

        Assert.Equal([stream], world.Hub.Followers("production-c.shop"));
        Assert.Empty(world.Hub.Followers("production-d.shop"));
        world.Hub.Close(stream);
        Assert.Empty(world.Hub.Followers("production-c.shop"));
    }
}
