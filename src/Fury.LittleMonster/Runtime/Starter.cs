using System.Security.Cryptography;
using System.Text.Json;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>Starts sagas: in memory when this host owns the shard, through the inbox when another does.</summary>
internal sealed class Starter(ISagaStore store, SagaRegistry registry, SagaIdMint mint, MonsterHost host)
{
    public const int KeyLengthMax = 200;
    public const int ConcurrencyKeyLengthMax = 200;
    public const int InputBytesMax = 256 * 1024;

    public SagaDefinition Definition(Type saga) => registry.Of(saga);

    /// <summary>The input as JSON, or why it cannot be one.</summary>
    public static Outcome<ReadOnlyMemory<byte>> Json<TInput>(SagaDefinition definition, TInput input)
    {
        try
        {
            return new ReadOnlyMemory<byte>(JsonSerializer.SerializeToUtf8Bytes(input, FuryJson.Options));
        }
#pragma warning disable CA1031 // The input's own properties may throw anything.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Fault.Invalid($"The input of saga {definition.Name} cannot be written as JSON: {exception.Message}");
        }
    }

    /// <param name="parent">The call of a step that starts a child; null for everybody else.</param>
    public async Task<Outcome<SagaId>> Start(
        SagaDefinition definition,
        string key,
        ReadOnlyMemory<byte> input,
        StepCall? parent,
        ITransaction? transaction,
        CancellationToken cancellation)
    {
        using var activity = Telemetry.Starting(definition, parent?.Trace);
        await store.Register(cancellation);
        var prepared = Prepare(definition, key, input, parent, mint.Next(store.Process), host.Clock.Now, activity?.Id);
        if (!prepared.IsOk)
        {
            return prepared.Fault;
        }

        var blank = prepared.Value;
        if (definition.Key is not null && await Above(parent?.Parent, blank.Key, cancellation) is { } above)
        {
            return WouldWait(definition, blank.Key, above);
        }

        var number = store.DefinitionId(definition);
        if (transaction is null && host.Engine is { } engine)
        {
            var own = Row(blank);
            switch (await engine.Start(definition, blank, saga => own with { Saga = saga }).WaitAsync(cancellation))
            {
                case CommitResult.Committed:
                    return blank.Id;
                case CommitResult.Late late:
                    return Kept(definition, key, late.Kept, late.Same);
                case CommitResult.Rejected rejected:
                    throw new InvalidOperationException($"Saga {definition.Name} could not be started.", rejected.Cause);
            }

            // That call may still be done, long after this host gave it up. Under an id of its own, what is asked for now and that one are two, and
            // the key says which of them is begun.
            blank = Prepare(definition, key, input, parent, mint.Next(store.Process), host.Clock.Now, activity?.Id).Value;
        }

        var row = Row(blank);
        var answer = await store.RequestStart(row, StartRequest.Write(number, definition, blank), transaction, cancellation);
        if (!answer.Fresh)
        {
            return Kept(definition, key, answer.Saga, answer.Same);
        }

        if (transaction is null)
        {
            host.WakeOwner();
        }
        else
        {
            transaction.AfterCommit(host.WakeOwner);
        }

        return answer.Saga;

        StartRow Row(SagaRecord saga) => new(saga, number, StartKey(definition, key), SHA256.HashData(saga.Input.Span));
    }

    public static string StartKey(SagaDefinition definition, string key) => $"{definition.Name}:{key}";

    /// <summary>The saga as it will be started, or why it cannot be. Pure.</summary>
    public static Outcome<SagaRecord> Prepare(
        SagaDefinition definition,
        string key,
        ReadOnlyMemory<byte> input,
        StepCall? parent,
        SagaId id,
        DateTimeOffset now,
        string? trace)
    {
        if (string.IsNullOrWhiteSpace(key) || key.Length > KeyLengthMax || !StoredText.Fits(key))
        {
            return Fault.Invalid("key", key, $"1 to {KeyLengthMax} characters");
        }

        if (input.Length > InputBytesMax)
        {
            return Fault.Invalid($"The input of saga {definition.Name} has {input.Length} bytes as JSON; at most {InputBytesMax} are kept.");
        }

        string? concurrency;
        try
        {
            concurrency = definition.Key is { } keyOf ? keyOf(input) : id.ToString();
        }
#pragma warning disable CA1031 // The definition's own function, on an input that it may not have expected.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Fault.Invalid($"The concurrency key of saga {definition.Name} cannot be made of this input: {exception.Message}");
        }

        if (concurrency is not { Length: > 0 and <= ConcurrencyKeyLengthMax } || !StoredText.Fits(concurrency))
        {
            return Fault.Invalid("concurrencyKey", concurrency, $"1 to {ConcurrencyKeyLengthMax} characters");
        }

        if (concurrency == parent?.Key)
        {
            return Fault.Invalid($"The child {definition.Name} would wait for its own parent: both have the concurrency key '{concurrency}'.");
        }

        return new SagaRecord
        {
            Id = id,
            Shard = SagaToken.Shard(concurrency),
            Key = concurrency,
            Name = definition.Name,
            Version = definition.Version,
            StartedAt = now,
            Deadline = now + definition.Deadline,
            Input = input,
            State = SagaState.Running,
            Parent = parent?.Saga,
            Trace = trace,
        };
    }

    public static Fault WouldWait(SagaDefinition definition, string key, SagaId above) => Fault.Invalid(
        $"The child {definition.Name} would wait for saga {above}, which waits for it: both have the concurrency key '{key}'.");

    /// <summary>The saga above that has this key, and waits for its children to end.</summary>
    private async Task<SagaId?> Above(SagaId? saga, string key, CancellationToken cancellation)
    {
        while (saga is { } id && await store.Find(id, cancellation) is { Saga: var found })
        {
            if (found.Key == key)
            {
                return id;
            }

            saga = found.Parent;
        }

        return null;
    }

    /// <summary>What a start is answered whose key is another's.</summary>
    /// <param name="kept">Who has the key; 0 when it is sealed.</param>
    public static Outcome<SagaId> Kept(SagaDefinition definition, string key, SagaId kept, bool same) => same
        ? kept
        : kept.Value == 0
            ? Fault.Conflict($"No {definition.Name} with the key '{key}' may be started any more: its parent is undone.")
            : Fault.Conflict($"A {definition.Name} with the key '{key}' and another input was started before, as saga {kept}.")
                .With("sagaId", kept);
}
