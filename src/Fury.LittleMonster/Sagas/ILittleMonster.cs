using Fury.Hosting;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>Starts sagas and looks at them. They run on whichever host owns their shard, also when this one is gone.</summary>
public interface ILittleMonster
{
    /// <summary>
    /// Starts a saga once for <paramref name="key"/>: a repeat with the same input returns the id of the first, with another input it is a
    /// <see cref="FaultKind.Conflict"/>. When this returns, the start is durable.
    /// </summary>
    /// <param name="key">Unique among starts of <typeparamref name="TSaga"/>, at most 200 characters; remembered for 30 days at
    /// least.</param>
    Task<Outcome<SagaId>> Start<TSaga, TInput>(string key, TInput input, CancellationToken cancellation)
        where TSaga : Saga<TInput>
        where TInput : notnull;

    /// <summary>The same, in the caller's own transaction: the saga exists when that commits, and never otherwise.</summary>
    Task<Outcome<SagaId>> Start<TSaga, TInput>(ITransaction transaction, string key, TInput input, CancellationToken cancellation)
        where TSaga : Saga<TInput>
        where TInput : notnull;

    /// <summary><see cref="FaultKind.NotFound"/> when there is none, or when it ended longer ago than finished sagas are kept.</summary>
    Task<Outcome<SagaView>> Find(SagaId id, CancellationToken cancellation);

    /// <summary>Waits until the saga has ended or is stuck.</summary>
    Task<Outcome<SagaView>> WaitFor(SagaId id, CancellationToken cancellation);

    /// <summary>
    /// Asks for the saga to be undone. Ok means that the request is durable; <see cref="FaultKind.Conflict"/> when the saga has ended, is
    /// being undone or is past its pivot. One that passes its pivot before the request reaches it finishes.
    /// </summary>
    Task<Outcome> Cancel(SagaId id, string reason, CancellationToken cancellation);

    /// <summary>The same, in the caller's own transaction.</summary>
    Task<Outcome> Cancel(ITransaction transaction, SagaId id, string reason, CancellationToken cancellation);

    /// <summary>
    /// Sends what a saga waits for in its step <c>Signal</c> of this name. Ok means that it is durable and will reach the saga;
    /// <see cref="FaultKind.Conflict"/> when the saga has ended. One that comes early is kept; of several, the first counts.
    /// </summary>
    /// <param name="value">At most as large as a step's result.</param>
    Task<Outcome> Signal<T>(SagaId id, string signal, T value, CancellationToken cancellation)
        where T : notnull;

    /// <summary>The same, in the caller's own transaction.</summary>
    Task<Outcome> Signal<T>(ITransaction transaction, SagaId id, string signal, T value, CancellationToken cancellation)
        where T : notnull;

    /// <summary>
    /// A hint that what the saga polls for may have happened: it asks now. Never blocks, never throws; a lost hint costs an interval.
    /// </summary>
    void Nudge(SagaId id);
}
