using Fury.Catalog.Contracts;
using Fury.LittleMonster;
using Fury.Sdk;
using Fury.Sdk.Moving;
using Fury.Services.Attesting;
using Npgsql;

namespace Fury.Services.Moves;

/// <summary>
/// One turn of a move: takes it in hand, does as many steps as can be done now, and says what the next one waits for. All that it needs is in the store, so
/// any host goes on after any crash; and a host that is thought dead and is not finds its turn over.
/// </summary>
internal sealed class MoveRunner(
    MoveStore store, IBindingMoves bindings, HostDrivers drivers, MoveSettings settings, TimeProvider clock)
{
    /// <summary>A store whose copies are not what was copied is not looked through over and over.</summary>
    private static readonly TimeSpan CorruptedPause = TimeSpan.FromMinutes(10);

    /// <param name="fence">Of the saga: it grows when the saga changes hands.</param>
    public async Task<Poll<MoveOutcome>> Turn(Guid id, long fence, CancellationToken cancellation)
    {
        if (await store.Take(id, fence, cancellation) is not var (move, turn))
        {
            return await store.Find(id, cancellation) is { Outcome: { } ended } ? Poll.Ready(ended) : Poll.NotYet("The move is in other hands.");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var hand = new MoveHand(id, turn);
        var host = new MoveHost(move, hand, bindings, store, settings);
        var watch = Watch(move, host, turn, stop);
        try
        {
            return await Steps(move, hand, host, stop.Token);
        }
        catch (NotInForceException why)
        {
            return await Later(move, turn, why.Message, why.After < settings.Period ? why.After : settings.Period, cancellation);
        }
        catch (MoveTakenException taken)
        {
            return Poll.NotYet(taken.Message);
        }
        catch (FuryException failure) when (host.State.Step != MoveStep.Check || failure.IsTransient)
        {
            return await Later(
                move, turn, failure.Message, failure.Code == FuryErrorCode.Corrupted ? CorruptedPause : settings.Period * 5, cancellation);
        }
        catch (FuryException refused)
        {
            return await End(move, hand, MoveOutcome.Refused, refused.Message, cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Somebody wants it back, or to leave the source at once, or has taken it.
            return Poll.NotYet("It turns round.", TimeSpan.FromMilliseconds(1));
        }
        finally
        {
            await stop.CancelAsync();
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Poll<MoveOutcome>> Steps(Move move, MoveHand hand, MoveHost host, CancellationToken cancellation)
    {
        if (move.WantsBack && move.State.Step == MoveStep.Check)
        {
            return await End(move, hand, MoveOutcome.Refused, "It was given up before it began.", cancellation);
        }

        if (!MovePlan.IsOver(move.State.Step))
        {
            var held = await bindings.Take(hand, move.Service, move.State.Step == MoveStep.Check ? move.Source.Epoch : null, cancellation);
            if (!held.IsOk)
            {
                return move.State.Step == MoveStep.Check
                    ? await End(move, hand, MoveOutcome.Refused, held.Fault.Message, cancellation)
                    : throw new NotInForceException(held.Fault.Message);
            }
        }

        var state = move.State;
        if (move.WantsBack && Move.HasWayBackFrom(state.Step, move.Service.Kind))
        {
            state = await DataMove.Abandon(state, host, cancellation);
        }

        // At the check nobody is to be fenced yet, and at the clean-up nobody uses the source any more.
        if (move.Wish.Evacuate > 0 && Move.CanEvacuateFrom(state.Step) && state.Step is not (MoveStep.Check or MoveStep.Clean))
        {
            state = new(state.Service, MoveStep.Fence, state.Epoch + 1);
            await host.SaveAsync(state, cancellation);
        }

        while (!MovePlan.IsOver(state.Step))
        {
            state = await Step(move, host, state, cancellation);
        }

        return await End(move, hand, Outcome(state.Step), null, cancellation);
    }

    private async Task<MoveState> Step(Move move, MoveHost host, MoveState state, CancellationToken cancellation)
    {
        var source = move.Source.ToSdk(move.Service);
        // By the step: who has turned round by then copies back what has moved, whatever was wished in the meantime.
        if (move.Wish.Evacuate > 0 && !Move.IsOnWayBack(state.Step))
        {
            return await Leave(move, host, state, source, cancellation);
        }

        if (state.Step != MoveStep.Check)
        {
            // Before anything is opened: mostly somebody is waited for.
            await host.PublishAsync(MovePlan.Binding(state, source, move.Wish.Target.ToSdk()), cancellation);
            await host.WaitUntilInForceAsync(state.Epoch, cancellation);
        }

        await using var from = await drivers.Open(move.Service, move.Source.Route, cancellation);
        await using var to = await drivers.Open(move.Service, move.Wish.Target, cancellation);
        var attested = state.Step == MoveStep.Check ? (await Probe.Run(to, clock, cancellation, sendsMessages: false)).Kept : null;
        var order = new MoveOrder(source, move.Wish.Target.ToSdk(), [.. move.Wish.Require.Select(name => new Capability(name))], attested);
        var options = settings.Copier with { KeysPerSecond = move.Wish.KeysPerSecond ?? settings.Copier.KeysPerSecond };
        return await DataMove.Of(order, from, to, host, options, clock).Advance(state, cancellation);
    }

    private async Task<MoveState> Leave(Move move, MoveHost host, MoveState state, Sdk.Bindings.ServiceBinding source, CancellationToken cancellation)
    {
        CapabilitySet? attested = null;
        if (state.Step == MoveStep.Check)
        {
            await using var to = await drivers.Open(move.Service, move.Wish.Target, cancellation);
            attested = (await Probe.Run(to, clock, cancellation, sendsMessages: false)).Kept;
        }

        var order = new MoveOrder(source, move.Wish.Target.ToSdk(), [.. move.Wish.Require.Select(name => new Capability(name))], attested);
        Func<CancellationToken, Task<Sdk.Drivers.IDriver>>? open =
            move.Wish.Evacuate > 1 ? null : stop => drivers.Open(move.Service, move.Source.Route, stop);
        return await new Evacuation(order, open, host, clock).Advance(state, cancellation);
    }

    private static MoveOutcome Outcome(MoveStep step) => step switch
    {
        MoveStep.Moved => MoveOutcome.Moved,
        MoveStep.Evacuated => MoveOutcome.Evacuated,
        _ => MoveOutcome.Returned,
    };

    private async Task<Poll<MoveOutcome>> End(Move move, MoveHand hand, MoveOutcome outcome, string? why, CancellationToken cancellation)
    {
        // In this order: what is bound is anybody's again before the move is over, and again after a crash in between.
        if (await bindings.End(hand, move.Service, cancellation) is { IsOk: false, Fault: { } refused })
        {
            return Poll.NotYet(refused.Message);
        }

        await store.End(move.Id, hand.Token, outcome, why, cancellation);
        return Poll.Ready(outcome);
    }

    private async Task<Poll<MoveOutcome>> Later(Move move, long turn, string why, TimeSpan? after, CancellationToken cancellation)
    {
        await store.Wait(move.Id, turn, why, cancellation);
        return Poll.NotYet(why, after);
    }

    /// <summary>Ends the turn when somebody wants the move back, or has taken it: a step may go on for hours.</summary>
    private async Task Watch(Move move, MoveHost host, long turn, CancellationTokenSource stop)
    {
        using var timer = new PeriodicTimer(settings.Period, clock);
        while (await timer.WaitForNextTickAsync(stop.Token))
        {
            try
            {
                var (isTaken, wantsBack, evacuate) = await store.Look(move.Id, turn, stop.Token);
                if (isTaken || evacuate != move.Wish.Evacuate || (wantsBack && Move.HasWayBackFrom(host.State.Step, move.Service.Kind)))
                {
                    await stop.CancelAsync();
                }
            }
            catch (NpgsqlException)
            {
                // The next look may find the database again.
            }
        }
    }
}
