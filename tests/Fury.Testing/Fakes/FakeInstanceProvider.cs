using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Testing;

/// <summary>
/// A cloud in memory. It passes <see cref="InstanceProviderContract"/>, and can be told to fail, to boot slowly, and that instances crash
/// or vanish. Instances run, and terminated ones are gone, at once, unless <see cref="AutoBoot"/> or <see cref="AutoStop"/> is off.
/// </summary>
public sealed class FakeInstanceProvider(string name = "fake") : IInstanceProvider
{
    public const string Region = "here";

    /// <summary>A request for this command is refused as invalid, as one for an artifact that is no executable.</summary>
    public const string BadCommand = "no-such-executable";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (InstanceRequest Request, ProviderInstance Seen)> _instances = [];
    private readonly Queue<Fault> _faults = [];
    private readonly HashSet<string> _sick = [];
    private readonly Dictionary<string, InstanceUsage> _usage = [];
    private readonly Dictionary<string, DateTimeOffset> _shownAt = [];
    private readonly ConcurrentDictionary<Channel<string>, bool> _subscribers = new();

    public string Name => name;

    public IReadOnlyList<string> Regions { get; } = [Region];

    /// <summary>True: an instance runs when its creation returns. False: the test says <see cref="Boot"/>.</summary>
    public bool AutoBoot { get; set; } = true;

    /// <summary>True: an instance has stopped when its termination returns. False: the test says <see cref="Stop"/>.</summary>
    public bool AutoStop { get; set; } = true;

    /// <summary>True: new instances run and never answer a health check.</summary>
    public bool NewOnesAreSick { get; set; }

    /// <summary>How often an instance was really made.</summary>
    public int Created { get; private set; }

    /// <summary>Instances that are there and have not stopped.</summary>
    public IReadOnlyList<ProviderInstance> Live
    {
        get
        {
            lock (_lock)
            {
                return [.. _instances.Values.Select(instance => instance.Seen).Where(seen => seen.State != ProviderInstanceState.Stopped)];
            }
        }
    }

    /// <summary>The next creation is refused; calls add up.</summary>
    public void FailNext(Fault fault)
    {
        lock (_lock)
        {
            _faults.Enqueue(fault);
        }
    }

    /// <summary>What the request for the instance was.</summary>
    public InstanceRequest RequestOf(string id)
    {
        lock (_lock)
        {
            return _instances[id].Request;
        }
    }

    /// <summary>Whether a health check of this address would be answered well.</summary>
    public bool IsHealthy(string address)
    {
        lock (_lock)
        {
            return _instances.Values.Any(instance =>
                instance.Seen.Address == address
                && instance.Seen.State == ProviderInstanceState.Running
                && !_sick.Contains(instance.Seen.Id));
        }
    }

    public void Boot(string id) => Change(id, seen => seen with { State = ProviderInstanceState.Running, Reason = null });

    public void Stop(string id) => Change(id, seen => seen with { State = ProviderInstanceState.Stopped, Reason = "It was stopped." });

    /// <summary>Its process ends by itself; <see cref="Restart"/> is its recovery.</summary>
    public void Crash(string id) => Change(id, seen => seen with { State = ProviderInstanceState.Crashed, Reason = "Its process has ended." });

    public void Restart(string id) =>
        Change(id, seen => seen with { State = ProviderInstanceState.Running, Restarts = seen.Restarts + 1, Reason = null });

    /// <summary>It runs and no longer answers its health check, or does again.</summary>
    public void BeSick(string id, bool sick = true)
    {
        lock (_lock)
        {
            _ = sick ? _sick.Add(id) : _sick.Remove(id);
        }
    }

    /// <summary>It is seen to have used so much more CPU, and to hold so much memory now.</summary>
    public void Use(string id, double cpuSeconds, long memoryBytes) =>
        Measure(id, usage => usage with { CpuSeconds = usage.CpuSeconds + cpuSeconds, MemoryBytes = memoryBytes });

    /// <summary>Its process is ended for want of memory, and is started again at once.</summary>
    public void RunOutOfMemory(string id)
    {
        Measure(id, usage => usage with { OutOfMemoryKills = usage.OutOfMemoryKills + 1 });
        Restart(id);
    }

    /// <summary>It is gone without a trace, as when a machine dies.</summary>
    public void Vanish(string id)
    {
        lock (_lock)
        {
            _instances.Remove(id);
        }

        Tell(id);
    }

    public bool IsShared { get; init; }

    public TimeSpan Settling { get; init; }

    /// <summary>So long after its creation an instance is shown, by <see cref="Clock"/>.</summary>
    public TimeSpan VisibleAfter { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public Task<Outcome<IReadOnlyList<ProviderInstance>>> Create(InstanceRequest request, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(Make(request));
        }
    }

    public Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<Outcome<IReadOnlyList<ProviderInstance>>>(
                ids.Where(id => _instances.ContainsKey(id) && IsShown(id)).Select(id => _instances[id].Seen).ToList());
        }
    }

    public Task<Outcome<IReadOnlyList<InstanceUsage>>> Usage(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<Outcome<IReadOnlyList<InstanceUsage>>>(
                ids.Where(id => _instances.ContainsKey(id) && _usage.ContainsKey(id)).Select(id => _usage[id]).ToList());
        }
    }

    public Task<Outcome> Terminate(string id, TimeSpan grace, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_instances.TryGetValue(id, out var known) && known.Seen.State != ProviderInstanceState.Stopped)
            {
                Change(id, seen => AutoStop
                    ? seen with { State = ProviderInstanceState.Stopped, Reason = "It was stopped." }
                    : seen with { State = ProviderInstanceState.Stopping, Reason = "It is being stopped." });
            }
        }

        return Task.FromResult(Outcome.Ok);
    }

    public Task<Outcome<IReadOnlyList<ProviderInstance>>> ListByTag(string tag, string value, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<Outcome<IReadOnlyList<ProviderInstance>>>(_instances.Values
                .Select(instance => instance.Seen)
                .Where(seen => IsShown(seen.Id) && seen.Tags.TryGetValue(tag, out var has) && has == value)
                .ToList());
        }
    }

    public Task<Outcome<IReadOnlyList<InstanceType>>> Types(string region, CancellationToken cancellation) =>
        Task.FromResult<Outcome<IReadOnlyList<InstanceType>>>(region == Region
            ? new List<InstanceType> { new("small", 1000, 1024, 0.01m), new("large", 4000, 4096, 0.04m) }
            : Fault.NotFound("region", region));

    public async IAsyncEnumerable<InstanceLogLine> Logs(
        string id, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string[] lines = ["It boots.", "It runs."];
        foreach (var line in lines.TakeLast(tail))
        {
            yield return new(id, At: null, line);
        }

        if (follow)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
    }

    public async IAsyncEnumerable<string> Changes([EnumeratorCancellation] CancellationToken cancellation)
    {
        var hints = Channel.CreateUnbounded<string>();
        _subscribers[hints] = true;
        await foreach (var id in hints.Reader.ReadAllAsync(cancellation))
        {
            yield return id;
        }
    }

    private Outcome<IReadOnlyList<ProviderInstance>> Make(InstanceRequest request)
    {
        if (request.Region != Region || request.Command == BadCommand)
        {
            return Fault.Invalid($"'{request.Command}' in '{request.Region}' cannot be started.");
        }

        if (_faults.TryDequeue(out var fault))
        {
            return fault;
        }

        var known = _instances.Values.Where(instance => instance.Seen.ClientToken == request.ClientToken).ToList();
        return known.Count == 0 ? Enumerable.Range(0, request.Count).Select(_ => New(request)).ToList()
            : Same(known[0].Request, request) ? known.Select(instance => instance.Seen).ToList()
            : Fault.Conflict($"The client token '{request.ClientToken}' was used for another request.");
    }

    private bool IsShown(string id) => Clock.GetUtcNow() >= _shownAt[id];

    private ProviderInstance New(InstanceRequest request)
    {
        var number = ++Created;
        var (state, reason) = AutoBoot ? (ProviderInstanceState.Running, null) : (ProviderInstanceState.Pending, "It is booting.");
        var seen = new ProviderInstance(
            $"{name}-{number}", request.ClientToken, state, $"127.95.{number / 250}.{(number % 250) + 1}", 8080, 0, reason, request.Tags);
        _instances[seen.Id] = (request, seen);
        _shownAt[seen.Id] = Clock.GetUtcNow() + VisibleAfter;
        if (NewOnesAreSick)
        {
            _sick.Add(seen.Id);
        }

        Tell(seen.Id);
        return seen;
    }

    private static bool Same(InstanceRequest one, InstanceRequest other) =>
        (one.ArtifactUri, one.Command, one.Region, one.Count) == (other.ArtifactUri, other.Command, other.Region, other.Count)
        && one.Arguments.SequenceEqual(other.Arguments)
        && one.Environment.ToHashSet().SetEquals(other.Environment);

    private void Change(string id, Func<ProviderInstance, ProviderInstance> change)
    {
        lock (_lock)
        {
            _instances[id] = (_instances[id].Request, change(_instances[id].Seen));
        }

        Tell(id);
    }

    private void Measure(string id, Func<InstanceUsage, InstanceUsage> change)
    {
        lock (_lock)
        {
            _usage[id] = change(_usage.GetValueOrDefault(id) ?? new(id, 0, 0, 0));
        }
    }

    private void Tell(string id)
    {
        foreach (var subscriber in _subscribers.Keys)
        {
            subscriber.Writer.TryWrite(id);
        }
    }
}
