using System.Text.Json;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>What anyone may ask of a saga, checked as far as it can be from here, and put into the inbox of its shard.</summary>
internal sealed class SagaRequests(ISagaStore store, SagaRegistry registry, SagaFinder finder, MonsterHost host)
{
    public const int ReasonLengthMax = 1000;
    public const int ByLengthMax = 200;

    public async Task<Outcome> Cancel(SagaId id, DeskOrder order, ITransaction? transaction, CancellationToken cancellation)
    {
        var found = await Checked(id, order, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        var saga = found.Value;
        if (saga.IsFinal || saga.Undoing)
        {
            return Fault.Conflict($"Saga {id} is {(saga.IsFinal ? saga.State : SagaState.Undoing).Word()} and cannot be cancelled.");
        }

        if (registry.Resolve(saga.Name, saga.Version) is { } definition
            && definition.IndexOf(saga.Step) is { } index && index >= definition.Pivot)
        {
            return Fault.Conflict($"Saga {id} is past the point of no return, at '{saga.Step}', and can only be finished.");
        }

        return await Send(saga, InboxKind.Cancel, Order(order), transaction, cancellation);
    }

    public async Task<Outcome> Retry(SagaId id, DeskOrder order, CancellationToken cancellation)
    {
        var found = await Checked(id, order, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        var saga = found.Value;
        return saga.IsFinal ? Fault.Conflict($"Saga {id} is {saga.State.Word()}; start a new one instead.")
            : saga.State is SagaState.Parked ? Parked(saga)
            : await Send(saga, InboxKind.Retry, Order(order, saga), null, cancellation);
    }

    public async Task<Outcome> Skip(SagaId id, DeskOrder order, JsonElement? result, CancellationToken cancellation)
    {
        var found = await Checked(id, order, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        var saga = found.Value;
        if (saga.IsFinal)
        {
            return Fault.Conflict($"Saga {id} is {saga.State.Word()}; there is nothing to skip.");
        }

        if (registry.Resolve(saga.Name, saga.Version) is not { } definition)
        {
            return Parked(saga);
        }

        if (!saga.Undoing && definition.IndexOf(saga.Step) is { } index && definition.Steps[index].Misfit(result) is { } expected)
        {
            return Fault.Invalid("result", result, expected);
        }

        return await Send(saga, InboxKind.Skip, Order(order, saga, result), null, cancellation);
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
            return Fault.Conflict($"Saga {id} is {saga.State.Word()} and hears no signal any more.");
        }

        if (registry.Resolve(saga.Name, saga.Version) is { } definition
            && !definition.Steps.Any(step => step.Kind is StepKind.Signal && step.Name == signal))
        {
            var names = definition.Steps.Where(step => step.Kind is StepKind.Signal).Select(step => $"'{step.Name}'").ToList();
            return Fault.Invalid("signal", signal, names.Count == 0 ? $"none: saga {saga.Name} waits for no signal" : $"one of {string.Join(", ", names)}");
        }

        return await Send(saga, InboxKind.Signal, payload, transaction, cancellation);
    }

    private static Fault Parked(SagaView saga) => Fault.Conflict(
        $"Saga {saga.Id} is parked: {saga.Name} version {saga.Version} is not known to this host. It goes on when a host that knows it is there.");

    /// <summary>For whatever place the saga is at by then.</summary>
    private static byte[] Order(DeskOrder order) => Inbox.Order(new SagaOrder(order.By, StoredText.Of(order.Reason)));

    /// <summary>For the place that was looked at, and for no other.</summary>
    private static byte[] Order(DeskOrder order, SagaView saga, JsonElement? result = null) =>
        Inbox.Order(new SagaOrder(order.By, StoredText.Of(order.Reason), result, new SagaPlace(saga.Revision, saga.Step)));

    private async Task<Outcome<SagaView>> Checked(SagaId id, DeskOrder order, CancellationToken cancellation)
    {
        var (by, reason) = (order.By, order.Reason);
        var validation = new Validation();
        validation.Require(!string.IsNullOrWhiteSpace(reason) && reason.Length <= ReasonLengthMax, reason, $"1 to {ReasonLengthMax} characters");
        validation.Require(by.Length <= ByLengthMax, by, $"at most {ByLengthMax} characters");
        if (validation.Fault is { } fault)
        {
            return fault;
        }

        var found = await finder.Find(id, cancellation);
        return found.IsOk && order.Revision is { } seen && seen != found.Value.Revision
            ? Fault.Stale($"Saga {id} has moved on since revision {seen}; look at it again.").With("revision", found.Value.Revision)
            : found;
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
