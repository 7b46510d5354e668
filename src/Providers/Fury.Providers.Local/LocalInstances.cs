using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Processes;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Local;

/// <summary>
/// Instances as processes of this machine (Linux), each on its own 127/8 address. State is kept under <c>local/instances</c> of the data
/// folder; a restarted host adopts what runs. Sizes are not enforced: the machine is its user's own.
/// </summary>
internal sealed class LocalInstances(INode node, IOptions<LocalOptions> options, TimeProvider clock, ILogger<LocalInstances> log)
    : IInstanceProvider, IHostedService, IDisposable
{
    /// <summary>Instances of one data folder.</summary>
    public const int InstancesMax = 2000;

    private static readonly TimeSpan StoppedKept = TimeSpan.FromHours(1);
    private static readonly TimeSpan TendInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, LocalInstance> _instances = new();
    private readonly Hints _hints = new();
    private readonly SemaphoreSlim _creating = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _prefix = InstanceRecord.PrefixOf(node.DataFolder);
    private readonly string _root = Path.Combine(node.DataFolder, "local", "instances");
    private Task _tending = Task.CompletedTask;

    public string Name => "local";

    public IReadOnlyList<string> Regions { get; } =
        options.Value.Regions.Count == 0 ? [LocalOptions.RegionDefault] : [.. options.Value.Regions.Distinct()];

    /// <summary>Takes over what an earlier host of this data folder has left: adopts, starts again, ends what nobody has on record.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Task.CompletedTask;
        }

        Directory.CreateDirectory(_root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var running = InstanceMark.Find(_prefix);
        foreach (var path in Directory.EnumerateDirectories(_root))
        {
            var folder = new InstanceFolder(path);
            if (folder.Read() is not { } record)
            {
                log.LogWarning("The record in {Folder} cannot be read; the folder is removed.", path);
                folder.Delete();
                continue;
            }

            var instance = _instances[record.Id] = new LocalInstance(folder, record, clock, log, _hints.Tell);
            instance.Resume(running.TryGetValue(record.Id, out var pid) ? InstanceProcess.Adopt(pid, new(record.Id), clock) : null);
        }

        foreach (var (id, pid) in running.Where(found => !_instances.TryGetValue(found.Key, out var known) || known.Record.Wish == Wish.Stopped))
        {
            log.LogWarning("Process {Pid} of instance {Instance} is wanted by nobody and is ended.", pid, id);
            InstanceProcess.KillGroupOf(pid);
        }

        _tending = Tend(_stopping.Token);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _tending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Whoever creates now is done in a moment. When the host has no moment left, the processes that are known are stopped all the same.
        await _creating.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (options.Value.StopInstancesOnExit)
        {
            await Task.WhenAll(_instances.Values.Select(instance => instance.Suspend(options.Value.StopGrace)));
        }
        else
        {
            Abandon();
        }
    }

    /// <summary>Lets go of every process without touching it, as a host does that is killed.</summary>
    internal void Abandon()
    {
        _stopping.Cancel();
        foreach (var instance in _instances.Values)
        {
            instance.Abandon();
        }
    }

    public void Dispose()
    {
        foreach (var instance in _instances.Values)
        {
            instance.Dispose();
        }

        _stopping.Dispose();
        _creating.Dispose();
    }

    public bool IsShared => false;

    public TimeSpan Settling => TimeSpan.Zero;

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> Create(InstanceRequest request, CancellationToken cancellation)
    {
        if (RequestRules.Check(request, Regions) is { } bad)
        {
            return bad;
        }

        // One at a time: two creations must neither take the same address nor both begin the same token.
        await _creating.WaitAsync(cancellation);
        try
        {
            var given = new List<ProviderInstance>();
            for (var number = 0; number < request.Count; number++)
            {
                var one = Find(request, number);
                if (!one.IsOk)
                {
                    return given.Count == 0 ? one.Fault : given;
                }

                given.Add(one.Value);
            }

            return given;
        }
        finally
        {
            _creating.Release();
        }
    }

    public Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        // Another host's processes cannot be seen from here, and not seen must not be taken for gone.
        var foreign = ids.FirstOrDefault(IsForeign);
        return Task.FromResult<Outcome<IReadOnlyList<ProviderInstance>>>(foreign is not null
            ? Fault.Unavailable($"Instance '{foreign}' belongs to another host.")
            : ids.Where(_instances.ContainsKey).Select(id => _instances[id].Seen).ToList());
    }

    public Task<Outcome> Terminate(string id, TimeSpan grace, CancellationToken cancellation)
    {
        if (IsForeign(id))
        {
            return Task.FromResult<Outcome>(Fault.Unavailable($"Instance '{id}' belongs to another host."));
        }

        if (_instances.TryGetValue(id, out var instance))
        {
            instance.Terminate(grace);
        }

        return Task.FromResult(Outcome.Ok);
    }

    public Task<Outcome<IReadOnlyList<InstanceUsage>>> Usage(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        var used = SessionUse.All();
        var known =
            from id in ids
            let instance = _instances.GetValueOrDefault(id)
            where instance?.Seen.State is ProviderInstanceState.Running or ProviderInstanceState.Stopping
            let use = used.GetValueOrDefault(instance.Record.Pid ?? 0)
            where use is not null
            select new InstanceUsage(id, use.CpuSeconds, use.MemoryBytes, OutOfMemoryKills: 0);
        return Task.FromResult<Outcome<IReadOnlyList<InstanceUsage>>>(known.ToList());
    }

    public Task<Outcome<IReadOnlyList<ProviderInstance>>> ListByTag(string tag, string value, CancellationToken cancellation) =>
        Task.FromResult<Outcome<IReadOnlyList<ProviderInstance>>>(_instances.Values
            .Select(instance => instance.Seen)
            .Where(seen => seen.Tags.TryGetValue(tag, out var has) && has == value)
            .ToList());

    public Task<Outcome<IReadOnlyList<InstanceType>>> Types(string region, CancellationToken cancellation)
    {
        var memoryMiB = (int)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024 / 1024);
        return Task.FromResult<Outcome<IReadOnlyList<InstanceType>>>(Regions.Contains(region)
            ? new List<InstanceType> { new("process", Environment.ProcessorCount * 1000, memoryMiB, DollarsPerHour: 0) }
            : Fault.NotFound("region", region));
    }

    public async IAsyncEnumerable<InstanceLogLine> Logs(
        string id, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (_instances.TryGetValue(id, out var instance))
        {
            await foreach (var line in OutputLog.Read(instance.Folder.Logs, tail, follow, clock, cancellation))
            {
                yield return new(id, At: null, line);
            }
        }
    }

    public IAsyncEnumerable<string> Changes(CancellationToken cancellation) => _hints.Read(cancellation);

    /// <summary>Known ones may carry another beginning: that of the place where the data folder was before it was moved.</summary>
    private bool IsForeign(string id) => !id.StartsWith(_prefix, StringComparison.Ordinal) && !_instances.ContainsKey(id);

    /// <summary>The instance of that number among those of the request, launched if this is the first that is heard of it.</summary>
    private Outcome<ProviderInstance> Find(InstanceRequest request, int number)
    {
        var id = InstanceRecord.IdOf(_prefix, request.ClientToken, number);
        return !_instances.TryGetValue(id, out var known)
            ? ArtifactFolder.Locate(request.ArtifactUri, request.Command).Then(executable => Launch(id, request, executable))
            : known.Record.IsOf(request)
                ? known.Seen
                : Fault.Conflict($"The client token '{request.ClientToken}' was used for another request.");
    }

    private Outcome<ProviderInstance> Launch(string id, InstanceRequest request, string executable)
    {
        var live = _instances.Values.Select(instance => instance.Record).Where(record => record.Wish != Wish.Stopped).ToList();
        if (live.Count >= InstancesMax)
        {
            return new Fault(FaultKind.Exhausted, $"This machine already runs {InstancesMax} instances, which is the limit.")
                .With(Limits.Fact, Limits.Quota);
        }

        var taken = live.Select(record => record.Address).ToHashSet();
        return Addresses.Allocate(_prefix, options.Value.Port, taken).Then<ProviderInstance>(address =>
        {
            var record = new InstanceRecord(id, request, address, options.Value.Port, Wish.Run, null, 0, null, null);
            var instance = new LocalInstance(new(Path.Combine(_root, id)), record, clock, log, _hints.Tell);
            var created = instance.Create(executable);
            if (!created.IsOk)
            {
                instance.Folder.Delete();
                return created.Fault;
            }

            _instances[id] = instance;
            _hints.Tell(id);
            return instance.Seen;
        });
    }

    /// <summary>Rotates logs and forgets what has stopped long ago.</summary>
    private async Task Tend(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TendInterval, clock);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            foreach (var (id, instance) in _instances)
            {
                try
                {
                    if (instance.Record.StoppedAt is not { } stopped)
                    {
                        OutputLog.Rotate(instance.Folder.Logs, options.Value.LogBytesMax, options.Value.LogFilesMax);
                    }
                    else if (clock.GetUtcNow() - stopped > StoppedKept && _instances.TryRemove(id, out _))
                    {
                        instance.Folder.Delete();
                        instance.Dispose();
                    }
                }
                catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
                {
                    log.LogWarning(failed, "The files of instance {Instance} could not be tended; this is tried again.", id);
                }
            }
        }
    }
}
