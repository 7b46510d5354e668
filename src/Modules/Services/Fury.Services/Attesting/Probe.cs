using Fury.Sdk;
using Fury.Sdk.Drivers;

namespace Fury.Services.Attesting;

/// <summary>Others were in the way, so that nothing was found out.</summary>
internal sealed class NotKnownException : Exception;

/// <summary>What was asked of a resource, and what it did.</summary>
internal sealed class Probe
{
    /// <summary>Of what providers keep for ever: the same each time, so that one is left and no more.</summary>
    public const string Name = Sdk.Moving.PassMove.ProbeName;

    private static readonly TimeSpan CleansWithin = TimeSpan.FromSeconds(5);

    /// <summary>So many at once, where one may win.</summary>
    private const int RivalsCount = 8;

    private readonly HashSet<Capability> _shown = [];
    private readonly HashSet<Capability> _refuted = [];

    public IReadOnlyList<Capability> Shown => [.. _shown.Except(_refuted).OrderBy(each => each.Name, StringComparer.Ordinal)];

    /// <summary>What the driver declares, without what is not so.</summary>
    public CapabilitySet Kept { get; private set; } = new(new Dictionary<Capability, CapabilityLevel>());

    public IReadOnlyList<Capability> Refuted => [.. _refuted.OrderBy(each => each.Name, StringComparer.Ordinal)];

    /// <summary>Everything that can be found out about a resource in a few dozen calls, by keys of its own, which are gone afterwards.</summary>
    /// <param name="sendsMessages">False: a queue is asked for nothing that needs one, since some count for a while what is gone.</param>
    /// <exception cref="FuryException">It cannot be reached or used.</exception>
    public static async Task<Probe> Run(IDriver driver, TimeProvider clock, CancellationToken cancellation, bool sendsMessages = true)
    {
        var probe = new Probe();
        try
        {
            await driver.ProbeAsync(cancellation);
            await (driver switch
            {
                IKeyValueDriver store => new KeyValueProbe(store, probe, clock).Run(cancellation),
                IObjectDriver bucket => new ObjectProbe(bucket, probe, clock).Run(cancellation),
                IQueueDriver queue when sendsMessages => new QueueProbe(queue, probe, clock).Run(cancellation),
                IStreamDriver stream => new StreamProbe(stream, probe, clock).Run(cancellation),
                ICacheDriver cache => new CacheProbe(cache, probe, clock).Run(cancellation),
                ILockDriver locks => new LockProbe(locks, probe, clock).Run(cancellation),
                ISequenceDriver sequences => new SequenceProbe(sequences, probe).Run(cancellation),
                _ => Task.CompletedTask,
            });
        }
        catch (Exception failure) when (failure is not FuryException and not OperationCanceledException)
        {
            throw driver.Translate(failure);
        }

        var kept = driver.Declared.Without([.. probe.Refuted]);
        probe.Kept = new(kept.Levels, kept.Limits, clock.GetUtcNow());
        return probe;
    }

    /// <summary>A name that nothing else has or had.</summary>
    public static string NewName(TimeProvider clock) => $"{Name}-{Guid.CreateVersion7(clock.GetUtcNow()):n}";

    /// <summary>Removes what is left, also when the time of the probe is over.</summary>
    public static async Task Clean<T>(IEnumerable<T> left, Func<T, CancellationToken, ValueTask> remove, TimeProvider clock)
    {
        using var late = new CancellationTokenSource(CleansWithin, clock);
        foreach (var each in left)
        {
            await remove(each, late.Token);
        }
    }

    /// <summary>How many of several who come at once are let through.</summary>
    public static async Task<T[]> Race<T>(Func<Task<T>> act) => await Task.WhenAll(Enumerable.Range(0, RivalsCount).Select(_ => Task.Run(act)));

    /// <summary>Asks, where the driver says that it can. One refusal is enough, whatever else went well.</summary>
    public async Task Ask(IDriver driver, Capability capability, Func<Task<bool>> does)
    {
        if (!driver.Declared.Has(capability))
        {
            return;
        }

        try
        {
            (await does() ? _shown : _refuted).Add(capability);
        }
        catch (NotSupportedException)
        {
            _refuted.Add(capability);
        }
        catch (NotKnownException)
        {
            // The driver's word stands.
        }
    }
}
