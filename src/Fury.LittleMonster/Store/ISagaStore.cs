using Fury.Hosting;

namespace Fury.LittleMonster;

/// <summary>What is read of sagas, and what anyone may ask for. PostgreSQL, or the simulator's model of it. Each member is atomic.</summary>
internal interface ISagaStore
{
    /// <summary>
    /// Gives this process its number, and its definitions theirs, once. Throws <see cref="InvalidOperationException"/> when live sagas began with
    /// other steps under the same version.
    /// </summary>
    Task Register(CancellationToken cancellation);

    /// <summary>The number that no other process was given. Known once it is registered.</summary>
    long Process { get; }

    short DefinitionId(SagaDefinition definition);

    /// <summary>The live sagas of shards that this host owns, in the order in which those of one key get their turns.</summary>
    Task<IReadOnlyList<SagaRow>> Load(short[] shards, CancellationToken cancellation);

    /// <summary>A saga, live or ended, as it was last committed.</summary>
    Task<SagaRow?> Find(SagaId id, CancellationToken cancellation);

    /// <summary>
    /// Wins the key and puts the start in the inbox of its shard, or answers who has the key; in the transaction, when one is given.
    /// </summary>
    Task<StartAnswer> RequestStart(StartRow start, byte[] payload, ITransaction? transaction, CancellationToken cancellation);

    /// <summary>Puts a request in the inbox of a shard; in the transaction, when one is given.</summary>
    Task Request(InboxRequest request, ITransaction? transaction, CancellationToken cancellation);

    /// <summary>The oldest requests to these shards but those known; they stay until what they caused is committed.</summary>
    Task<IReadOnlyList<InboxRow>> Inbox(short[] shards, long[] known, int limit, CancellationToken cancellation);

    /// <summary>The start of a saga that no owner has taken in yet; null when there is none.</summary>
    Task<byte[]?> WaitingStart(SagaId id, CancellationToken cancellation);

    /// <summary>The sagas that were started under these keys. With <paramref name="seal"/>, none can be under the others any more.</summary>
    Task<IReadOnlyList<KeptStart>> Look(IReadOnlyList<string> keys, bool seal, CancellationToken cancellation);
}

/// <param name="Saga">Who has the key; 0 when it is sealed.</param>
/// <param name="Same">It was started with the same input.</param>
/// <param name="Fresh">It is this start that won.</param>
internal readonly record struct StartAnswer(SagaId Saga, bool Same, bool Fresh);

/// <param name="Index">Of the key that was asked for.</param>
/// <param name="State">Null while the start waits in the inbox.</param>
/// <param name="Data">The saga's results and faults; see <see cref="SagaCodec"/>.</param>
internal sealed record KeptStart(int Index, SagaId Saga, SagaState? State, string Error, byte[]? Data);

/// <summary>Kinds of inbox rows; the numbers are those in <c>lm.inbox</c>.</summary>
internal enum InboxKind
{
    Start = 1,
    Cancel = 2,
    Signal = 3,
    Retry = 4,
    Skip = 5,
    Revert = 6,
}

internal sealed record InboxRequest(short Shard, SagaId Saga, InboxKind Kind, byte[] Payload);

internal sealed record InboxRow(long Id, short Shard, long Saga, short Kind, byte[] Payload);
