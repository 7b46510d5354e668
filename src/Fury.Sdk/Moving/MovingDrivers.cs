using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Moving;

/// <summary>Puts the drivers of two routes together.</summary>
internal static class MovingDrivers
{
    /// <summary>In the dialect of a route: what revisions begin with after a move to it, so that none of the source is taken for one of the target.</summary>
    private const string Revisions = "kv.revisions";
    private const string ObjectRevisions = "objects.revisions";

    public static string RevisionsOf(ServiceKind kind) => kind == ServiceKind.Objects ? ObjectRevisions : Revisions;

    /// <summary>The route as its driver knows it: without what is ours.</summary>
    public static ServiceRoute OfDriver(ServiceRoute route) => !route.Dialect.ContainsKey(ObjectRevisions)
        ? route
        : route with { Dialect = route.Dialect.Where(each => each.Key != ObjectRevisions).ToDictionary() };

    public static async Task<IDriver> Open(ServiceBinding binding, TimeProvider clock, Func<ServiceRoute, Task<IDriver>> open)
    {
        var move = binding.Move!;
        if (move.Phase == MovePhase.Evacuated)
        {
            // The source may be dead: it is not opened, but by who looks whether a message of it comes.
            var there = await open(move.Target);
            return there is IQueueDriver queue
                ? new EvacuatedQueue(async () => (IQueueDriver)await open(binding.Route), queue, clock)
                : there;
        }

        var source = await open(binding.Route);
        IDriver? target = null;
        try
        {
            target = await open(move.Target);
            return Compose(binding, move, source, target, clock);
        }
        catch
        {
            await source.DisposeAsync();
            if (target is not null)
            {
                await target.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>The driver itself, unless data came to it from elsewhere.</summary>
    public static IDriver AfterMove(ServiceRoute route, IDriver driver) => driver switch
    {
        IKeyValueDriver store when route.Dialect.TryGetValue(Revisions, out var begin) => new RenamedRevisions(begin, store),
        IObjectDriver bucket when route.Dialect.TryGetValue(ObjectRevisions, out var begin) => new RenamedObjects(begin, bucket),
        _ => driver,
    };

    private static IDriver Compose(ServiceBinding binding, BindingMove move, IDriver source, IDriver target, TimeProvider clock) => (source, target) switch
    {
        (IKeyValueDriver from, IKeyValueDriver to) =>
            Needs(from, MoveGates.OfKeyValue) ?? Needs(to, MoveGates.OfKeyValue) ?? new MovingKeyValue(move.Phase, from, to),
        (IObjectDriver from, IObjectDriver to) => Needs(from, MoveGates.OfObjects) ?? Needs(to, MoveGates.OfObjects) ?? Objects(move, from, to, clock),
        (IQueueDriver from, IQueueDriver to) => new MovingQueue(move.Phase, from, to, clock),
        (ILockDriver from, ILockDriver to) => new MovingLocks(move.Phase, from, to),
        (ISequenceDriver from, ISequenceDriver to) when MovingSequences.Has(move.Phase) => new MovingSequences(move.Phase, from, to),
        (ISequenceDriver, ISequenceDriver) => throw Failure.Invalid($"Sequences of '{binding.Service}' do not come back; finish the move, and move again."),
        _ => throw new FuryException(FuryErrorCode.NotBound, $"'{binding.Service}' cannot be moved: {binding.Kind} has no hand-off between providers."),
    };

    /// <summary>Who has said where to by hand has given the move no name.</summary>
    private static MovingObjects Objects(BindingMove move, IObjectDriver source, IObjectDriver target, TimeProvider clock) =>
        move.Target.Dialect.TryGetValue(ObjectRevisions, out var name)
            ? new(move.Phase, name, source, target, clock)
            : new(move.Phase, "m0", source, new RenamedObjects("m0", target), clock);

    private static IDriver? Needs(IDriver driver, IReadOnlyList<Capability> needed) =>
        driver.Declared.Missing(needed) is { Count: > 0 } missing
            ? throw new FuryException(
                FuryErrorCode.CapabilityNotSupported,
                $"Data is handed over by comparing; '{driver.Provider}' lacks {string.Join(", ", missing)}.")
            : null;
}
