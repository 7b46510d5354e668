using System.Collections.Concurrent;

namespace Fury.Hosting;

/// <summary>The bells of this host, and what is to be said to the others.</summary>
internal sealed class WakeBoard : IWake
{
    public const string OutboxTopic = "hosting.outbox";

    private readonly ConcurrentDictionary<string, WakeSignal> _signals = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _toTell = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _servedHere = new(StringComparer.Ordinal);

    /// <summary>Rings when there is something to say to the other hosts.</summary>
    public WakeSignal Told { get; } = new();

    public WakeSignal Signal(string topic) => _signals.GetOrAdd(topic, _ => new());

    public void Reconciler(string name) => Ring(name);

    /// <summary>Rings here, and asks the other hosts to ring too, unless this host holds the lease of what listens.</summary>
    public void Ring(string topic)
    {
        RingHere(topic);
        if (!_servedHere.ContainsKey(topic) && _toTell.TryAdd(topic, true))
        {
            Told.Set();
        }
    }

    public void RingHere(string topic) => Signal(topic).Set();

    /// <summary>After a time without news from the others any of it may have been missed.</summary>
    public void RingAllHere()
    {
        foreach (var signal in _signals.Values)
        {
            signal.Set();
        }
    }

    /// <summary>Notes whether the only listener of a topic is on this host, so that no other needs to be told.</summary>
    public void ServedHere(string topic, bool served)
    {
        if (served)
        {
            _servedHere[topic] = true;
        }
        else
        {
            _servedHere.TryRemove(topic, out _);
        }
    }

    /// <summary>Takes what is to be said.</summary>
    public IReadOnlyList<string> TakeTold() => [.. _toTell.Keys.Where(topic => _toTell.TryRemove(topic, out _))];
}
