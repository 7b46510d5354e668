using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Moving;

/// <summary>What a move asks of whoever runs it. Each may be asked again after a crash, and is then the same.</summary>
internal interface IMoveHost
{
    /// <summary>Gives the binding to all instances; one of an epoch that was published already changes nothing.</summary>
    ValueTask PublishAsync(ServiceBinding binding, CancellationToken cancellation);

    /// <summary>Waits until every instance works by the epoch and has no call of an earlier one, or is fenced.</summary>
    ValueTask WaitUntilInForceAsync(long epoch, CancellationToken cancellation);

    ValueTask SaveAsync(MoveState state, CancellationToken cancellation);
}

/// <summary>What is moved from where to where.</summary>
/// <param name="Binding">As it was before the move.</param>
/// <param name="Required">What the application has required.</param>
/// <param name="Attested">What a probe of the target has shown; null: none ran.</param>
internal sealed record MoveOrder(ServiceBinding Binding, ServiceRoute Target, IReadOnlyCollection<Capability> Required, CapabilitySet? Attested);

/// <summary>Runs one step of a move at a time.</summary>
internal interface IDataMove
{
    /// <summary>Does what the step is, and gives and saves the state of the next. Whatever fails leaves the state as it was.</summary>
    Task<MoveState> Advance(MoveState state, CancellationToken cancellation);
}

/// <summary>
/// Runs one step of a move at a time, over the plain drivers of both stores. It keeps nothing: whoever has the last state that was saved goes on, at
/// the same time as another at worst.
/// </summary>
internal sealed class DataMove(MoveOrder order, IMovedData data, IMoveHost host) : IDataMove
{
    /// <summary>A move of what these drivers are of.</summary>
    public static IDataMove Of(MoveOrder order, IDriver source, IDriver target, IMoveHost host, CopierOptions options, TimeProvider clock) =>
        Data(order, source, target, options, clock) is { } data ? new DataMove(order, data, host) : new PassMove(order, source, target, host);

    /// <summary>What is handed over by key; null for other kinds.</summary>
    /// <param name="target">Opened by its route as it is.</param>
    public static IMovedData? Data(MoveOrder order, IDriver source, IDriver target, CopierOptions options, TimeProvider clock) => (source, target) switch
    {
        (IKeyValueDriver from, IKeyValueDriver to) => new MovedKeyValue(from, to, options, clock),
        (IObjectDriver from, IObjectDriver to) when MovePlan.NameOf(order.Binding) is var move =>
            new MovedObjects(move, from, new RenamedObjects(move, to), options, clock),
        _ => null,
    };

    /// <summary>The state to begin with, of a binding that is in force.</summary>
    public static MoveState Begin(ServiceBinding binding) => new(binding.Service, MoveStep.Check, binding.Epoch);

    /// <summary>Does what the step is, and gives and saves the state of the next. Whatever fails leaves the state as it was.</summary>
    /// <exception cref="FuryException">
    /// <see cref="FuryErrorCode.CapabilityNotSupported"/> when a gate is closed; <see cref="FuryErrorCode.Corrupted"/> when copies are not what was copied:
    /// the way back is open.
    /// </exception>
    public async Task<MoveState> Advance(MoveState state, CancellationToken cancellation)
    {
        if (MovePlan.IsOver(state.Step))
        {
            return state;
        }

        if (state.Step != MoveStep.Check)
        {
            await host.PublishAsync(MovePlan.Binding(state, order.Binding, order.Target), cancellation);
            await host.WaitUntilInForceAsync(state.Epoch, cancellation);
        }

        return await Save(await Work(state, cancellation) ? state : null, state, host, cancellation);
    }

    /// <summary>Turns round. From where there is no way back it is refused.</summary>
    public static async Task<MoveState> Abandon(MoveState state, IMoveHost host, CancellationToken cancellation)
    {
        var back = MovePlan.Back(state.Step) ?? throw Failure.Invalid($"A move at the step {state.Step} has no way back.");
        // An epoch may have been published that was not saved as in force: what comes is after it in any case.
        var next = new MoveState(state.Service, back, state.Epoch + 1);
        await host.SaveAsync(next, cancellation);
        return next;
    }

    /// <summary>False when the step before is to be done again.</summary>
    private async Task<bool> Work(MoveState state, CancellationToken cancellation)
    {
        var phase = MovePlan.Phase(state.Step);
        switch (MovePlan.Work(state.Step))
        {
            case MoveWork.Gates:
                var refusals = await data.Refusals(order, cancellation);
                return refusals.Count == 0 ? true : throw new FuryException(
                    FuryErrorCode.CapabilityNotSupported, $"'{state.Service}' is not moved: {string.Join(' ', refusals)}");
            case MoveWork.CopyAhead:
                await data.CopyAhead(state, next => host.SaveAsync(next, cancellation), cancellation);
                return true;
            case MoveWork.CopyAll:
                await data.Copy(phase!.Value, state, next => host.SaveAsync(next, cancellation), cancellation);
                return true;
            case MoveWork.VerifyAll:
                var found = await data.Verify(phase!.Value, state, next => host.SaveAsync(next, cancellation), cancellation);
                return (found.Missing, found.Different) == (0, 0) ? found.Left == 0 : throw new FuryException(
                    FuryErrorCode.Corrupted,
                    $"'{state.Service}' is not moved on: of {found.Keys:N0} keys {found.Missing:N0} are missing, {found.Different:N0} not what was copied.");
            case MoveWork.Purge:
                await data.Purge(state.Step == MoveStep.Clean, cancellation);
                return true;
            default:
                return true;
        }
    }

    /// <param name="done">Null: the step before is to be done again.</param>
    internal static async Task<MoveState> Save(MoveState? done, MoveState state, IMoveHost host, CancellationToken cancellation)
    {
        var step = done is null ? state.Step - 1 : MovePlan.Next(state.Step);
        var next = new MoveState(state.Service, step, state.Epoch + (MovePlan.Switches(state.Step, step) ? 1 : 0));
        await host.SaveAsync(next, cancellation);
        return next;
    }
}
