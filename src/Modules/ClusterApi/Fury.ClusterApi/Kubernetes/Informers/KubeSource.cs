using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Informers;

/// <summary>A kind of object on an API server. Each object is read into what is kept of it at once, so that none is held raw.</summary>
internal sealed class KubeSource<T>(KubeClient client, KubeSelection selection, Func<JsonElement, T> read) : IObjectSource<T>
    where T : class
{
    private const int EventBytesMax = 4 << 20;
    private const double SpreadShare = 0.2;

    /// <summary>A watch ends by itself after about this time, spread so that those of many clusters do not end together.</summary>
    private static readonly TimeSpan WatchMax = TimeSpan.FromMinutes(4);

    /// <summary>Servers send a bookmark about once a minute, so after this the connection is dead though nobody said so.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(150);

    public async Task<Outcome<ObjectPage<T>>> List(string? next, CancellationToken cancellation) =>
        (await client.Page(selection, next, cancellation)).Then<ObjectPage<T>>(
            page => new ObjectPage<T>([.. page.Items.Select(read)], page.Next, page.Version));

    public async IAsyncEnumerable<ObjectChange<T>> Watch(string version, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var call = selection.Watch(version, WatchMax * (1 + (SpreadShare * client.Chance())));
        var opened = await client.Open(call, cancellation);
        if (!opened.IsOk)
        {
            yield return new ObjectChange<T>.Refused(opened.Fault);
            yield break;
        }

        await using var stream = opened.Value;
        yield return new ObjectChange<T>.Opened();
        await foreach (var line in stream.Lines(EventBytesMax, cuts: false, SilenceMax, client.Clock, cancellation))
        {
            if (Change(line, call) is not { } change)
            {
                continue;
            }

            yield return change;
            if (change is ObjectChange<T>.Refused)
            {
                yield break;
            }
        }
    }

    private ObjectChange<T>? Change(ReadOnlySequence<byte> line, KubeCall call)
    {
        JsonElement news;
        try
        {
            var reader = new Utf8JsonReader(line);
            news = JsonElement.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            throw new InvalidDataException("An event of a watch is no JSON.");
        }

        var item = news.At("object");
        var version = item.At("metadata").Text("resourceVersion") ?? "";
        return news.Text("type") switch
        {
            "ADDED" or "MODIFIED" => new ObjectChange<T>.Written(read(item), version),
            "DELETED" => new ObjectChange<T>.Deleted(read(item), version),
            "BOOKMARK" => new ObjectChange<T>.Bookmark(version),
            "ERROR" => new ObjectChange<T>.Refused(KubeFaults.OfEvent(item, call)),
            _ => null, // A type that a newer version has added is not ours to understand.
        };
    }
}
