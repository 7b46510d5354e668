using System.Text.Json;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>What anyone may ask of a saga, checked as far as it can be from here, and put into the inbox of its shard.</summary>
internal sealed class SagaRequests(ISagaStore store, SagaRegistry registry, SagaFinder finder, MonsterHost host)
{
    public const int ReasonLengthMax = 1000;
    public const int ByLengthMax = 200;

    public async Task<Outcome> Cancel(SagaId id, string by, string reason, ITransaction? transaction, CancellationToken cancellation)
    {
        var found = await Checked(id, by, reason, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        var saga = found.Value;
        if (saga.IsFinal || saga.State is SagaState.Undoing)
        {
            return Fault.Conflict($"Saga {id} is {Word(saga.State)} and cannot be cancelled.");
        }

        if (registry.Resolve(saga.Name, saga.Version) is { } definition
            && definition.IndexOf(saga.Step) is { } index && index >= definition.Pivot)
        {
            return Fault.Conflict($"Saga {id} is past the point of no return, at '{saga.Step}', and can only be finished.");
        }

        return await Send(saga, InboxKind.Cancel, Inbox.Order(by, StoredText.Of(reason)), transaction, cancellation);
    }

    public async Task<Outcome> Retry(SagaId id, string by, string reason, CancellationToken cancellation)
    {
        var found = await Checked(id, by, reason, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        return found.Value.IsFinal
            ? Fault.Conflict($"Saga {id} is {Word(found.Value.State)}; start a new one instead.")
            : await Send(found.Value, InboxKind.Retry, Inbox.Order(by, StoredText.Of(reason)), null, cancellation);
    }

    public async Task<Outcome> Skip(SagaId id, string by, string reason, JsonElement? result, CancellationToken cancellation)
    {
        var found = await Checked(id, by, reason, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        var saga = found.Value;
        if (saga.IsFinal)
        {
            return Fault.Conflict($"Saga {id} is {Word(saga.State)}; there is nothing to skip.");
        }

        if (Unreadable(saga, result) is { } problem)
        {
            return problem;
        }

        return await Send(saga, InboxKind.Skip, Inbox.Order(by, StoredText.Of(reason), result), null, cancellation);
    }

    public async Task<Outcome> Signal<T>(SagaId id, string signal, T value, ITransaction? transaction, CancellationToken cancellation)
    {
        JsonElement json;
        try
        {
            json = JsonSerializer.SerializeToElement(value, FuryJson.Options);
        }
#pragma warning disable CA1031 // The value's own properties may throw anything.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Fault.Invalid($"The value of signal '{signal}' cannot be written as JSON: {exception.Message}");
        }

        var payload = Inbox.Signal(signal, json);
        if (payload.Length > StepRunner.ResultBytesMax)
        {
            return Fault.Invalid($"The value of signal '{signal}' has {payload.Length} bytes as JSON; at most {StepRunner.ResultBytesMax} are kept.");
        }

        var found = await finder.Find(id, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        var saga = found.Value;
        if (saga.IsFinal)
        {
            return Fault.Conflict($"Saga {id} is {Word(saga.State)} and hears no signal any more.");
        }

        if (registry.Resolve(saga.Name, saga.Version) is { } definition
            && !definition.Steps.Any(step => step.Kind is StepKind.Signal && step.Name == signal))
        {
            var names = definition.Steps.Where(step => step.Kind is StepKind.Signal).Select(step => $"'{step.Name}'").ToList();
            return Fault.Invalid("signal", signal, names.Count == 0 ? $"none: saga {saga.Name} waits for no signal" : $"one of {string.Join(", ", names)}");
        }

        return await Send(saga, InboxKind.Signal, payload, transaction, cancellation);
    }

    private static string Word(SagaState state) => state.ToString().ToLowerInvariant();

    private Fault? Unreadable(SagaView saga, JsonElement? result)
    {
        var definition = registry.Resolve(saga.Name, saga.Version);
        if (saga.State is SagaState.Undoing || definition?.IndexOf(saga.Step) is not { } index)
        {
            return null;
        }

        var type = definition.Steps[index].ResultType;
        if (result is not { } given)
        {
            return type == typeof(Nothing) ? null : Fault.Invalid("result", null, $"the result of step '{saga.Step}' as JSON, a {type.Name}");
        }

        try
        {
            return given.Deserialize(type, FuryJson.Options) is null ? Fault.Invalid("result", given, $"a {type.Name}") : null;
        }
        catch (JsonException exception)
        {
            return Fault.Invalid("result", given, $"a {type.Name} as JSON ({exception.Message})");
        }
    }

    private async Task<Outcome<SagaView>> Checked(SagaId id, string by, string reason, CancellationToken cancellation)
    {
        var validation = new Validation();
        validation.Require(!string.IsNullOrWhiteSpace(reason) && reason.Length <= ReasonLengthMax, reason, $"1 to {ReasonLengthMax} characters");
        validation.Require(by.Length <= ByLengthMax, by, $"at most {ByLengthMax} characters");
        return validation.Fault is { } fault ? fault : await finder.Find(id, cancellation);
    }

    private async Task<Outcome> Send(SagaView saga, InboxKind kind, byte[] payload, ITransaction? transaction, CancellationToken cancellation)
    {
        await store.Request(new InboxRequest(SagaToken.Shard(saga.Key), saga.Id, kind, payload), transaction, cancellation);
        if (transaction is null)
        {
            host.WakeOwner();
        }
        else
        {
            transaction.AfterCommit(host.WakeOwner);
        }

        return Outcome.Ok;
    }
}
