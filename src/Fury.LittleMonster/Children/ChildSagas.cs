using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>The children of sagas, as sagas of their own: found by the key that their parent started them under.</summary>
internal sealed class ChildSagas(Starter starter, ISagaStore store, SagaRegistry registry, MonsterHost host) : IChildSagas
{
    public async Task<IReadOnlyList<ChildLook>> Look(Type child, IReadOnlyList<string> keys, bool seal, CancellationToken cancellation)
    {
        var definition = registry.Of(child);
        var kept = await store.Look([.. keys.Select(key => Starter.StartKey(definition, key))], seal, cancellation);
        return
        [
            .. kept.Select(one => new ChildLook(
                one.Index,
                one.Saga,
                one.State ?? SagaState.Running,
                one.State is SagaState.Stuck ? SagaCodec.FaultMessage(one.Data) : one.Error,
                one.State is SagaState.Completed ? SagaCodec.Result(one.Data, definition.Output) : null)),
        ];
    }

    public Task<Outcome<SagaId>> Start(Type child, string key, ReadOnlyMemory<byte> input, StepCall parent, CancellationToken cancellation) =>
        starter.Start(registry.Of(child), key, input, parent, null, cancellation);

    public async Task<Outcome> Revert(SagaId child, string reason, CancellationToken cancellation)
    {
        var key = (await store.Find(child, cancellation))?.Saga.Key
            ?? (await store.WaitingStart(child, cancellation) is { } payload ? StartRequest.Read(payload).Key : null)
            ?? (await store.Find(child, cancellation))?.Saga.Key; // It may have gone from the inbox to the sagas between the two looks.
        if (key is null)
        {
            return Fault.Unavailable($"Child saga {child} is not to be found now.");
        }

        await store.Request(
            new InboxRequest(SagaToken.Shard(key), child, InboxKind.Revert, Inbox.Order(new SagaOrder("parent", reason))), null, cancellation);
        host.WakeOwner();
        return Outcome.Ok;
    }
}
