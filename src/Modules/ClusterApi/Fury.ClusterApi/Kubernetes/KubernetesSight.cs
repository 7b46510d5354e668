using System.Buffers;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Objects;
using Fury.ClusterApi.Kubernetes.Seeing;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>What is only looked at: capacity, events and logs.</summary>
internal sealed class KubernetesSight(KubePlace place)
{
    private const int LineBytesMax = 16 * 1024;

    /// <summary>A log is quiet for as long as its writer is; a connection that is silent for longer is opened again, which costs nothing.</summary>
    private static readonly TimeSpan LogSilenceMax = TimeSpan.FromMinutes(5);

    public async Task<Outcome<ClusterCapacity>> Capacity(CancellationToken cancellation)
    {
        var nodes = await place.Client.All(new KubeSelection(KubeResource.Nodes), NodeReading.Read, cancellation);
        var running = new KubeSelection(KubeResource.Pods, Fields: "status.phase!=Succeeded,status.phase!=Failed");
        var pods = await nodes.Then(_ => place.Client.All(running, PodRequest.Read, cancellation));
        return pods.Then<ClusterCapacity>(requests => CapacitySum.Of(nodes.Value, requests, place.Client.Clock.GetUtcNow()));
    }

    public async Task<Outcome<IReadOnlyList<ReplicaEvent>>> Events(string replica, CancellationToken cancellation)
    {
        // Without a kind's filter: the events of a replica that has gone are the ones that are asked for most.
        var about = new KubeSelection(KubeResource.Events, place.Space, Fields: $"involvedObject.name={replica}");
        var events = await place.Client.All(about, EventReading.Read, cancellation);
        return events.Then<IReadOnlyList<ReplicaEvent>>(found => found.OrderBy(news => news.LastAt).ToList());
    }

    public async Task<Outcome<ReplicaLog>> Logs(string replica, int tail, bool follow, CancellationToken cancellation)
    {
        var pod = await place.Find(KubeResource.Pods, replica, cancellation);
        if (!pod.IsOk || pod.Value.ValueKind == JsonValueKind.Undefined)
        {
            return pod.Fault ?? Fault.NotFound("replica", replica);
        }

        // Opened here, so that a log that cannot be had is a refusal and not an empty one.
        var first = await place.Client.Open(Call(replica, tail, follow, since: null), cancellation);
        return first.Then<ReplicaLog>(stream => new ReplicaLog(Lines(replica, stream, follow, cancellation)));
    }

    /// <summary>A cut while following goes on after the last line's time.</summary>
    private async IAsyncEnumerable<ReplicaLine> Lines(
        string replica, KubeStream first, bool follow, CancellationToken lifetime, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(lifetime, cancellation);
        DateTimeOffset? last = null;
        DateTimeOffset? read = null;
        var stream = (KubeStream?)first;
        while (stream is not null)
        {
            var cut = false;
            await using (stream)
            {
                await using var lines = stream.Lines(LineBytesMax, cuts: true, LogSilenceMax, place.Client.Clock, both.Token).GetAsyncEnumerator(both.Token);
                while (true)
                {
                    try
                    {
                        if (!await lines.MoveNextAsync())
                        {
                            break;
                        }
                    }
                    catch (IOException)
                    {
                        cut = true;
                        break;
                    }

                    var line = ReadLine(lines.Current);
                    // Only after a cut: the server goes on from a whole second, and lines of one moment have one time.
                    if (!(line.At <= read))
                    {
                        last = line.At ?? last;
                        yield return line;
                    }
                }
            }

            read = last;
            stream = cut && follow ? await Again(replica, last, both.Token) : null;
        }
    }

    private async Task<KubeStream?> Again(string replica, DateTimeOffset? since, CancellationToken cancellation)
    {
        for (var attempt = 1; Retry.Pause(attempt, null, place.Client.Chance()) is { } pause; attempt++)
        {
            await Task.Delay(pause, place.Client.Clock, cancellation);
            var opened = await place.Client.Open(Call(replica, tail: null, follow: true, since), cancellation);
            if (opened.IsOk)
            {
                return opened.Value;
            }

            if (opened.Fault.IsStatus(HttpStatusCode.NotFound))
            {
                return null;
            }
        }

        return null;
    }

    private KubeCall Call(string replica, int? tail, bool follow, DateTimeOffset? since)
    {
        var path = $"{KubeResource.Pods.One(place.Space, replica)}/log?container={PodTemplate.Container}&timestamps=true";
        path += tail is { } lines ? $"&tailLines={lines}" : "";
        path += follow ? "&follow=true" : "";
        path += since is { } time ? $"&sinceTime={Uri.EscapeDataString(time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))}" : "";
        return KubeCall.GetPath(path, $"{KubeResource.Pods.Name}/log");
    }

    private static ReplicaLine ReadLine(ReadOnlySequence<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes).TrimEnd('\r');
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && DateTimeOffset.TryParse(text[..space], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? new ReplicaLine(at, text[(space + 1)..])
            : new ReplicaLine(null, text);
    }
}
