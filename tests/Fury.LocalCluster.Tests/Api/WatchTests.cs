namespace Fury.LocalCluster.Tests;

/// <summary>Watches: nothing is missed, nothing is told twice, and who is too late is told so.</summary>
public sealed class WatchTests : OnCluster
{
    private protected override ClusterOptions Options => base.Options with { HistoryMax = 50, BookmarkInterval = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task From_a_version_on_every_change_is_told_in_order()
    {
        await Api.Post(Client.Maps, Client.Map("before"));
        var from = (await Api.Get(Client.Maps)).Version;
        await Api.Post(Client.Maps, Client.Map("a"));
        using var watcher = await Api.Watch($"{Client.Maps}?resourceVersion={from}");
        await Api.Patch($"{Client.Maps}/a", """{"data":{"key":"w"}}""");
        await Api.Delete($"{Client.Maps}/a");
        var seen = await watcher.Next(3);

        Assert.Equal(["ADDED a", "MODIFIED a", "DELETED a"], seen.Select(item => item.ToString()));
        Assert.True(long.Parse(seen[2].Version) > long.Parse(seen[1].Version), "a deletion has a version of its own");
        Assert.Equal(("ConfigMap", "w"), (seen[2].Object.Text("kind"), seen[2].Object.Text("data", "key")));
    }

    [Fact]
    public async Task Without_a_version_what_is_there_comes_first()
    {
        await Api.Post(Client.Maps, Client.Map("a"));
        using var watcher = await Api.Watch(Client.Maps);
        await Api.Post(Client.Maps, Client.Map("b"));
        Assert.Equal(["ADDED a", "ADDED b"], (await watcher.Next(2)).Select(item => item.ToString()));
    }

    [Fact]
    public async Task An_object_enters_and_leaves_a_selection()
    {
        await Api.Post(Client.Maps, Client.Map("a"));
        using var watcher = await Api.Watch(Client.Maps + "?labelSelector=x%3D1");
        await Api.Patch($"{Client.Maps}/a", """{"metadata":{"labels":{"x":"1"}}}""");
        await Api.Patch($"{Client.Maps}/a", """{"data":{"key":"w"}}""");
        await Api.Patch($"{Client.Maps}/a", """{"metadata":{"labels":{"x":"2"}}}""");
        Assert.Equal(["ADDED a", "MODIFIED a", "DELETED a"], (await watcher.Next(3)).Select(item => item.ToString()));
    }

    [Fact]
    public async Task Who_is_too_late_gets_an_event_of_410()
    {
        var from = (await Api.Get(Client.Maps)).Version;
        await Api.Post(Client.Maps, Client.Map("a"));
        Cluster.ForgetHistory();
        using var watcher = await Api.Watch($"{Client.Maps}?resourceVersion={from}");
        var error = await watcher.Next();

        Assert.Equal("ERROR", error!.Type);
        Assert.Equal((410L, "Expired"), (error.Object.Number("code"), error.Object.Text("reason")));
        Assert.Null(await watcher.Next());
    }

    [Fact]
    public async Task A_watcher_that_has_seen_all_outlives_a_compaction()
    {
        using var watcher = await Api.Watch(Client.Maps);
        await Api.Post(Client.Maps, Client.Map("a"));
        Assert.Equal("ADDED a", (await watcher.Next())!.ToString());
        Cluster.ForgetHistory();
        await Api.Post(Client.Maps, Client.Map("b"));
        Assert.Equal("ADDED b", (await watcher.Next())!.ToString());
    }

    [Fact]
    public async Task A_bookmark_can_be_resumed_from_though_the_kind_has_not_changed()
    {
        using var watcher = await Api.Watch(Client.Maps + "?allowWatchBookmarks=true");
        var other = await Api.Post(Client.Pods, Client.Pod("other"));
        Seen? bookmark;
        do
        {
            bookmark = await watcher.Next();
        }
        while (bookmark is { Type: "BOOKMARK" } && long.Parse(bookmark.Version) < long.Parse(other.Version));

        Assert.Equal(("BOOKMARK", "ConfigMap"), (bookmark!.Type, bookmark.Object.Text("kind")));
        Cluster.ForgetHistory();
        var now = (await Api.Get(Client.Maps)).Version;
        using var resumed = await Api.Watch($"{Client.Maps}?resourceVersion={now}");
        await Api.Post(Client.Maps, Client.Map("a"));
        Assert.Equal("ADDED a", (await resumed.Next())!.ToString());
    }

    [Fact]
    public async Task A_watch_ends_by_itself_after_its_time()
    {
        using var watcher = await Api.Watch(Client.Maps + "?timeoutSeconds=1");
        Assert.Null(await watcher.Next());
    }

    [Fact]
    public async Task Initial_events_end_with_a_bookmark()
    {
        await Api.Post(Client.Maps, Client.Map("a"));
        using var watcher = await Api.Watch(
            Client.Maps + "?sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&resourceVersion=");
        var seen = await watcher.Next(2);
        Assert.Equal(["ADDED", "BOOKMARK"], seen.Select(item => item.Type));
        Assert.Equal("true", seen[1].Object.Text("metadata", "annotations", "k8s.io/initial-events-end"));
    }

    [Fact]
    public async Task A_cut_watch_is_not_an_ended_one()
    {
        using var watcher = await Api.Watch(Client.Maps);
        Cluster.Faults.CutWatches();
        await Assert.ThrowsAnyAsync<IOException>(watcher.Next);
    }

    [Fact]
    public async Task A_watch_over_a_dead_server_resumes_after_it()
    {
        await Api.Post(Client.Maps, Client.Map("a"));
        var from = (await Api.Get(Client.Maps)).Version;
        using (var watcher = await Api.Watch($"{Client.Maps}?resourceVersion={from}"))
        {
            await Cluster.Kill();
            await Assert.ThrowsAnyAsync<IOException>(watcher.Next);
            await Assert.ThrowsAsync<HttpRequestException>(() => Api.Get(Client.Maps));
        }

        await Cluster.Revive();
        await Api.Post(Client.Maps, Client.Map("b"));
        using var resumed = await Api.Watch($"{Client.Maps}?resourceVersion={from}");
        Assert.Equal("ADDED b", (await resumed.Next())!.ToString());
    }
}
