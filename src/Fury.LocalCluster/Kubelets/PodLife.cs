using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>The life of one pod as processes, from the moment it has a node until it is deleted or has ended.</summary>
internal sealed class PodLife
{
    private readonly Registry _registry;
    private readonly JsonObject _pod;
    private readonly Func<bool> _isLost;
    private readonly Lock _lock = new();
    private readonly List<ContainerLife> _inits;
    private readonly List<ContainerLife> _containers;
    private Task _running = Task.CompletedTask;
    private bool _stopped;

    public PodLife(Registry registry, Entry entry, JsonObject pod, string address, string folder, string idPrefix, ClusterOptions options, Func<bool> isLost)
    {
        (_registry, Entry, _pod, _isLost, Address) = (registry, entry, pod, isLost, address);
        var context = new PodContext(registry, entry, pod, address, folder, idPrefix, options, Publish);
        _inits = Lives("initContainers");
        _containers = Lives("containers");

        List<ContainerLife> Lives(string name) => [.. (pod.Array("spec", name) ?? []).OfType<JsonObject>().Select(item => new ContainerLife(context, item))];
    }

    public Entry Entry { get; }

    public string Address { get; }

    public IEnumerable<int> Pids => _containers.Concat(_inits).Select(container => container.Pid).OfType<int>();

    public void Start()
    {
        var now = _registry.Clock.GetUtcNow();
        _registry.Edit(Entry, Writer.ClusterStatus, value =>
        {
            var status = value.Child("status");
            status["hostIP"] = "127.0.0.1";
            status["podIP"] = Address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = Address });
            status["startTime"] = now.Stamp();
        });
        _running = Task.Run(Run);
    }

    /// <summary>The container's life; null when the pod has none of the name.</summary>
    public ContainerLife? Find(string container) => _containers.Concat(_inits).FirstOrDefault(life => life.State.Name == container);

    public bool RunOutOfMemory() => _containers[0].RunOutOfMemory();

    /// <summary>Stops all containers; ends when their processes have.</summary>
    public async Task Stop(TimeSpan grace)
    {
        lock (_lock)
        {
            _stopped = true;
        }

        await Task.WhenAll(_containers.Concat(_inits).Select((life, index) => StopOne(life, index, grace)));
        await _running;
    }

    private async Task StopOne(ContainerLife life, int index, TimeSpan grace)
    {
        // A pause before the signal is a part of the grace, not more of it.
        var spec = index < _containers.Count ? _pod.Array("spec", "containers")![index] : null;
        var pause = TimeSpan.FromSeconds(spec.Number("lifecycle", "preStop", "sleep", "seconds") ?? 0);
        pause = pause < grace ? pause : grace;
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, _registry.Clock);
        }

        await life.Stop(grace - pause);
    }

    private async Task Run()
    {
        Publish();
        var restarts = _pod.Text("spec", "restartPolicy") ?? "Always";
        foreach (var init in _inits)
        {
            await init.Run(restarts == "Never" ? "Never" : "OnFailure");
            if (init.State.Ended is not { ExitCode: 0 })
            {
                return;
            }
        }

        if (!_stopped)
        {
            await Task.WhenAll(_containers.Select(container => container.Run(restarts)));
        }
    }

    /// <summary>Tells what has become of the containers. Under a lock, so that an older finding does not overwrite a newer one.</summary>
    public void Publish()
    {
        lock (_lock)
        {
            if (_isLost())
            {
                return;
            }

            var now = _registry.Clock.GetUtcNow();
            _registry.Edit(Entry, Writer.ClusterStatus, value => ContainerState.Write(
                value, _inits.ConvertAll(life => life.State), _containers.ConvertAll(life => life.State), now));
        }
    }
}
