using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>
/// The kubelets of all nodes of a cluster, where nothing really runs: a pod that has a node becomes ready after a while, with an address that no
/// other pod of this process has. A pod that is to end by itself ends at once, as its annotations say. Lost nodes do nothing.
/// </summary>
internal sealed class SimulatedKubelet(Registry registry, TimeSpan readyAfter, Func<string, bool> isLost) : IController
{
    /// <summary>What a simulated container that runs to its end ends with; 0 when the annotation is missing.</summary>
    public const string ExitCodeAnnotation = "localcluster.fury/exit-code";

    /// <summary>How long it runs before that, in milliseconds; -1 for ever.</summary>
    public const string RunMillisAnnotation = "localcluster.fury/run-ms";

    /// <summary>Its containers wait for ever with this reason: <c>ImagePullBackOff</c>, <c>CrashLoopBackOff</c>, …</summary>
    public const string WaitingReasonAnnotation = "localcluster.fury/waiting-reason";

    private static int _addresses;

    private readonly Dictionary<Guid, Due> _due = [];
    private readonly PriorityQueue<Due, long> _queue = new();
    private readonly TimeProvider _clock = registry.Clock;

    private enum Step
    {
        Start,
        End,
        Remove,
    }

    public void Note(Change change)
    {
        if (change.Entry.Pod is not { Node: { } node } pod)
        {
            return;
        }

        if (change.Type == ChangeType.Deleted)
        {
            _due.Remove(change.Entry.Uid);
        }
        else if (change.Entry.Deleting)
        {
            Plan(change.Entry, node, Step.Remove, TimeSpan.Zero);
        }
        else if (pod.Phase == "Pending" && change.Before?.Pod?.Node is null)
        {
            Plan(change.Entry, node, Step.Start, readyAfter);
        }
    }

    public DateTimeOffset? Pass()
    {
        var now = _clock.GetTimestamp();
        List<Due>? kept = null;
        while (_queue.TryPeek(out var due, out var at) && at <= now)
        {
            _queue.Dequeue();
            if (!_due.TryGetValue(due.Pod, out var latest) || latest != due)
            {
                continue;
            }

            if (isLost(due.Node))
            {
                (kept ??= []).Add(due);
                continue;
            }

            _due.Remove(due.Pod);
            Do(due);
        }

        // A node that comes back goes on where it was; until then it is asked for again and again, seldom.
        foreach (var due in kept ?? [])
        {
            _queue.Enqueue(due, now + (_clock.TimestampFrequency / 10));
        }

        return _queue.TryPeek(out _, out var next)
            ? _clock.GetUtcNow() + TimeSpan.FromSeconds(Math.Max(0, next - _clock.GetTimestamp()) / (double)_clock.TimestampFrequency)
            : null;
    }

    /// <summary>10.0.0.0/8, one after the other for all clusters of this process.</summary>
    internal static string NewAddress()
    {
        var number = (uint)Interlocked.Increment(ref _addresses) & 0xffffff;
        return $"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}";
    }

    private void Plan(Entry pod, string node, Step step, TimeSpan after)
    {
        var due = new Due(pod.Uid, node, step);
        if (_due.TryGetValue(pod.Uid, out var planned) && planned == due)
        {
            return;
        }

        _due[pod.Uid] = due;
        _queue.Enqueue(due, _clock.GetTimestamp() + (long)(after.TotalSeconds * _clock.TimestampFrequency));
    }

    private void Do(Due due)
    {
        if (registry.Store.Find(due.Pod) is not { } entry)
        {
            return;
        }

        switch (due.Step)
        {
            case Step.Start when !entry.Deleting:
                Start(entry, due.Node);
                break;
            case Step.End when !entry.Deleting:
                registry.Edit(entry, Writer.ClusterStatus, value => SimulatedStatus.End(value, ExitCode(value), _clock.GetUtcNow()));
                break;
            case Step.Remove when entry.Deleting:
                registry.Delete(entry.Kind, entry.Namespace, entry.Name, DeleteOptions.Now with { Uid = entry.Uid.ToString() });
                break;
            default:
                break;
        }
    }

    private void Start(Entry entry, string node)
    {
        var runs = -1;
        registry.Edit(entry, Writer.ClusterStatus, value =>
        {
            if (value.Text("metadata", "annotations", WaitingReasonAnnotation) is { } reason)
            {
                SimulatedStatus.Wait(value, reason, HostAddress(node), _clock.GetUtcNow());
                return;
            }

            SimulatedStatus.Run(value, NewAddress(), HostAddress(node), _clock.GetUtcNow());
            if (value.Text("spec", "restartPolicy") != "Always")
            {
                runs = Annotated(value, RunMillisAnnotation);
            }
        });
        if (runs >= 0)
        {
            Plan(entry, node, Step.End, TimeSpan.FromMilliseconds(runs));
        }
    }

    private string HostAddress(string node) => registry.Store.Find(AllKinds.Nodes, null, node)?.Read().Array("status", "addresses") is { Count: > 0 } all
        ? all[0].Text("address") ?? "127.0.0.1"
        : "127.0.0.1";

    private static int ExitCode(JsonObject pod) => Annotated(pod, ExitCodeAnnotation);

    private static int Annotated(JsonObject pod, string name) =>
        int.TryParse(pod.Text("metadata", "annotations", name), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    private sealed record Due(Guid Pod, string Node, Step Step);
}
