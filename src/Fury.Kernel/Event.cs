namespace Fury.Kernel;

/// <summary>
/// News of a module, told to whoever listens. Written to the outbox in the transaction that made it true; delivered at least once,
/// and in order among events of the same <see cref="Key"/>. A public record in the teller's contracts, serialised as JSON.
/// </summary>
public interface IEvent
{
    /// <summary>What the order is kept for, e.g. the pool's id.</summary>
    string Key { get; }
}

/// <summary>A listener. It may hear the same event twice and must then change nothing.</summary>
public interface IEventListener<in TEvent>
    where TEvent : IEvent
{
    Task Handle(TEvent news, CancellationToken cancellation);
}
