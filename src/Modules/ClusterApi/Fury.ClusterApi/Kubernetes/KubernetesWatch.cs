using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Informers;
using Fury.ClusterApi.Kubernetes.Seeing;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes;

/// <summary>Two informers, of Fury's pods and of all nodes, told as one stream.</summary>
internal sealed class KubernetesWatch
{
    /// <summary>A reader who is so far behind holds the connections back, and the server lets go of them; what was missed is listed again.</summary>
    private const int NewsWaitingMax = 1024;
    private const int Informers = 2;

    /// <summary>Faults that differ in their words only, such as by a time in them, are forgotten again.</summary>
    private const int FaultsToldMax = 100;

    private readonly Channel<ClusterNews> _news = Channel.CreateBounded<ClusterNews>(new BoundedChannelOptions(NewsWaitingMax) { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly HashSet<object> _whole = [];
    private readonly HashSet<(FaultKind, string)> _told = [];

    private KubernetesWatch()
    {
    }

    public static async IAsyncEnumerable<ClusterNews> News(KubePlace place, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var watch = new KubernetesWatch();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pods = new Listener<ClusterReplica>(watch, told => told.IsGone ? new ClusterNews.ReplicaGone(told.Item) : new ClusterNews.ReplicaSeen(told.Item));
        var nodes = new Listener<ClusterNode>(watch, told => told.IsGone ? new ClusterNews.NodeGone(told.Item) : new ClusterNews.NodeSeen(told.Item));
        var running = Task.WhenAll(
            watch.Run(place.Client, place.Owned(KubeResource.Pods), PodReading.Read, PodReading.Traits, pods, ends.Token),
            watch.Run(place.Client, new KubeSelection(KubeResource.Nodes), NodeReading.Read, NodeReading.Traits, nodes, ends.Token));
        try
        {
            await foreach (var news in watch._news.Reader.ReadAllAsync(cancellation))
            {
                yield return news;
            }
        }
        finally
        {
            await ends.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Run<T>(
        KubeClient client,
        KubeSelection selection,
        Func<System.Text.Json.JsonElement, T> read,
        ObjectTraits<T> traits,
        Listener<T> listener,
        CancellationToken cancellation)
        where T : class
    {
        try
        {
            var source = new KubeSource<T>(client, selection, read);
            await new Informer<T>(source, new InformerState<T>(traits), listener, client.Clock, client.Chance).Run(cancellation);
        }
        catch (Exception bug) when (!cancellation.IsCancellationRequested)
        {
            // A mistake of our own must not look like a quiet cluster.
            _news.Writer.TryComplete(bug);
        }
    }

    private ValueTask Tell(ClusterNews news, CancellationToken cancellation) => _news.Writer.WriteAsync(news, cancellation);

    private async ValueTask Whole(object informer, CancellationToken cancellation)
    {
        bool all;
        lock (_lock)
        {
            all = _whole.Add(informer) && _whole.Count == Informers;
            if (all)
            {
                _told.Clear();
            }
        }

        if (all)
        {
            await Tell(new ClusterNews.Synced(), cancellation);
        }
    }

    private async ValueTask Interrupted(object informer, Fault why, CancellationToken cancellation)
    {
        bool isNew;
        lock (_lock)
        {
            _whole.Remove(informer);
            isNew = _told.Add((why.Kind, why.Message));
            if (_told.Count > FaultsToldMax)
            {
                _told.Clear();
            }
        }

        if (isNew)
        {
            await Tell(new ClusterNews.Interrupted(why), cancellation);
        }
    }

    private sealed class Listener<T>(KubernetesWatch watch, Func<Told<T>, ClusterNews> say) : IInformerListener<T>
        where T : class
    {
        public ValueTask Hear(Told<T> news, CancellationToken cancellation) => watch.Tell(say(news), cancellation);

        public ValueTask Whole(CancellationToken cancellation) => watch.Whole(this, cancellation);

        public ValueTask Interrupted(Fault why, CancellationToken cancellation) => watch.Interrupted(this, why, cancellation);
    }
}
