using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>A child as its parent sees it. The state of one whose start is on its way is <see cref="SagaState.Running"/>.</summary>
/// <param name="Index">Of the key that was asked for.</param>
internal sealed record ChildLook(int Index, SagaId Saga, SagaState State, string? Error, JsonElement? Output);

/// <summary>What a step with children needs of Little Monster. All of it may be done twice.</summary>
internal interface IChildSagas
{
    /// <summary>Those of the keys that were started. With <paramref name="seal"/>, none of the others ever will be.</summary>
    Task<IReadOnlyList<ChildLook>> Look(Type child, IReadOnlyList<string> keys, bool seal, CancellationToken cancellation);

    /// <summary>Starts a child once for its key. <see cref="FaultKind.Conflict"/> when the key is sealed or has another input.</summary>
    Task<Outcome<SagaId>> Start(Type child, string key, ReadOnlyMemory<byte> input, StepCall parent, CancellationToken cancellation);

    /// <summary>Asks for the child to be undone, also when it has completed. Ok means that the request is durable.</summary>
    Task<Outcome> Revert(SagaId child, string reason, CancellationToken cancellation);
}
