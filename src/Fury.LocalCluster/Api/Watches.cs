using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;

namespace Fury.LocalCluster;

/// <summary>Streams of changes. A watcher is a place in the history of its kind; one that is too slow for it is told <c>410</c> and lists again.</summary>
internal sealed class Watches(Registry registry, Faults faults, TimeSpan bookmarkInterval, CancellationToken stopping)
{
    private const int ChangesAtOnceMax = 500;
    private static readonly TimeSpan TimeoutDefault = TimeSpan.FromMinutes(30);

    private readonly ObjectStore _store = registry.Store;

    public async Task Watch(Call call)
    {
        var shape = Accepted.Of(call.Http.Request.Headers.Accept.ToString());
        var (match, _) = Reads.Selection(call);
        var timeout = call.QueryNumber("timeoutSeconds") is { } seconds and > 0 and < 86_400 ? TimeSpan.FromSeconds(seconds) : TimeoutDefault;
        var stream = new WatchStream(call, shape, match);
        var start = Begin(call, stream);
        call.Http.Response.ContentType = "application/json";
        call.Http.Response.Headers.CacheControl = "no-cache, private";
        await call.Http.Response.StartAsync(call.Cancelled);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled, stopping, faults.WatchesCut);
        try
        {
            await Follow(call, stream, start, timeout, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The caller has gone, the cluster ends, or a fault cuts it. Cut off is not the same as ended: the caller must see the difference.
            call.Http.Abort();
        }
    }

    /// <summary>Where to go on from; null when what comes after the version that was asked for is forgotten.</summary>
    private long? Begin(Call call, WatchStream stream)
    {
        var version = call.QueryNumber("resourceVersion") ?? 0;
        var initial = call.Query("sendInitialEvents") is null ? (bool?)null : call.QueryFlag("sendInitialEvents");
        if (initial is not null && !registry.Version.HasInitialEvents)
        {
            throw Refusal.BadRequest("sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
        }

        if (initial == true && (call.Query("resourceVersionMatch") != "NotOlderThan" || !call.QueryFlag("allowWatchBookmarks")))
        {
            throw Refusal.BadRequest("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, and allowWatchBookmarks");
        }

        lock (_store.Sync)
        {
            if (version != 0 && initial != true)
            {
                return _store.PlaceAfter(call.Kind, version);
            }

            if (initial != false)
            {
                stream.Initial = _store.List(new(call.Kind, call.Namespace, stream.Match, null, null, 0))!.Entries;
            }

            stream.EndsInitialWith = initial == true ? _store.Version : null;
            return _store.PlaceAfter(call.Kind, _store.Version);
        }
    }

    private async Task Follow(Call call, WatchStream stream, long? start, TimeSpan timeout, CancellationToken ending)
    {
        var output = call.Http.Response.BodyWriter;
        var bookmarks = call.QueryFlag("allowWatchBookmarks");
        stream.WriteInitial(output);
        await output.FlushAsync(ending);
        var began = registry.Clock.GetTimestamp();
        var nextBookmark = bookmarkInterval;
        while (true)
        {
            if (start is null || _store.Read(call.Kind, start.Value, ChangesAtOnceMax) is not var (changes, next, version, more))
            {
                WatchStream.WriteError(output, Refusal.Expired(
                    $"too old resource version: {call.Query("resourceVersion") ?? stream.SeenText} ({_store.CompactedVersion(call.Kind)})"));
                await output.FlushAsync(ending);
                return;
            }

            start = next;
            foreach (var change in changes)
            {
                stream.Write(output, change);
            }

            var elapsed = registry.Clock.GetElapsedTime(began);
            if (changes.Count < ChangesAtOnceMax && bookmarks && (elapsed >= nextBookmark || elapsed >= timeout))
            {
                // The whole history up to this version has been looked at, so the caller may resume from it.
                stream.WriteBookmark(output, version, endsInitial: false);
                nextBookmark = elapsed + bookmarkInterval;
            }

            await output.FlushAsync(ending);
            if (elapsed >= timeout)
            {
                return;
            }

            if (changes.Count < ChangesAtOnceMax)
            {
                await Wait(more, (bookmarks && nextBookmark < timeout ? nextBookmark : timeout) - elapsed, ending);
            }
        }
    }

    private async Task Wait(Task more, TimeSpan atMost, CancellationToken ending)
    {
        try
        {
            await more.WaitAsync(atMost > TimeSpan.Zero ? atMost : TimeSpan.Zero, registry.Clock, ending);
        }
        catch (TimeoutException)
        {
            // Time for a bookmark, or for the end.
        }
    }
}

/// <summary>Writes the events of one watcher: what it sees of each change depends on what it selects.</summary>
internal sealed class WatchStream(Call call, Shape shape, Func<Entry, bool>? match)
{
    private long _seen;

    public Func<Entry, bool>? Match => match;

    /// <summary>Told as added before everything else.</summary>
    public IReadOnlyList<Entry> Initial { get; set; } = [];

    /// <summary>The version of the bookmark that ends the initial events; null when none does.</summary>
    public long? EndsInitialWith { get; set; }

    public string SeenText => _seen.ToString(CultureInfo.InvariantCulture);

    public void WriteInitial(PipeWriter output)
    {
        foreach (var entry in Initial)
        {
            Write(output, "ADDED", entry);
        }

        Initial = [];
        if (EndsInitialWith is { } version)
        {
            WriteBookmark(output, version, endsInitial: true);
        }
    }

    public void Write(PipeWriter output, Change change)
    {
        _seen = change.Version;
        if (call.Namespace is not null && change.Entry.Namespace != call.Namespace)
        {
            return;
        }

        var now = change.Type != ChangeType.Deleted && Selects(change.Entry);
        var before = change.Before is not null && Selects(change.Before);
        if (now || before)
        {
            // An object that is not selected any more is gone for this watcher, and one that is selected from now on is new to it.
            Write(output, (before, now) switch { (false, true) => "ADDED", (true, true) => "MODIFIED", _ => "DELETED" }, change.Entry);
        }
    }

    public static void WriteError(PipeWriter output, Refusal refusal)
    {
        output.Write("{\"type\":\"ERROR\",\"object\":"u8);
        output.Write(JsonText.Write(refusal.ToStatus()));
        output.Write("}\n"u8);
    }

    public void WriteBookmark(PipeWriter output, long version, bool endsInitial)
    {
        output.Write("{\"type\":\"BOOKMARK\",\"object\":"u8);
        output.Write(call.Served.Prefix);
        output.Write(System.Text.Encoding.UTF8.GetBytes(
            $"\"metadata\":{{\"resourceVersion\":\"{version}\"{(endsInitial ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "")}}}"));
        output.Write("}}\n"u8);
    }

    private bool Selects(Entry entry) => match?.Invoke(entry) != false;

    private void Write(PipeWriter output, string type, Entry entry)
    {
        output.Write("{\"type\":\""u8);
        output.Write(System.Text.Encoding.ASCII.GetBytes(type));
        output.Write("\",\"object\":"u8);
        Render.Object(output, call, entry, shape);
        output.Write("}\n"u8);
    }
}
