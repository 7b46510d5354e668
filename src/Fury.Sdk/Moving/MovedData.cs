using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Moving;

/// <summary>What a move does with data that is handed over by key. Each may be done again, from the last checkpoint.</summary>
internal interface IMovedData
{
    /// <summary>Why the move may not begin: everything that is wrong at once.</summary>
    Task<IReadOnlyList<string>> Refusals(MoveOrder order, CancellationToken cancellation);

    Task CopyAhead(MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation);

    Task Copy(MovePhase phase, MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation);

    Task<MoveVerification> Verify(MovePhase phase, MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation);

    /// <summary>Removes everything from what is left, and what a move leaves behind from what is in use.</summary>
    /// <param name="forward">The target is in use.</param>
    Task Purge(bool forward, CancellationToken cancellation);
}

internal sealed class MovedKeyValue(IKeyValueDriver source, IKeyValueDriver target, CopierOptions options, TimeProvider clock) : IMovedData
{
    private readonly MovingPair _pair = new(new MovingStore(source), new MovingStore(target));

    public async Task<IReadOnlyList<string>> Refusals(MoveOrder order, CancellationToken cancellation)
    {
        await Empty(_pair.Source, cancellation);
        var isEmpty = await Empty(_pair.Target, cancellation);
        return MoveGates.Refusals(order.Required, order.Binding.Attested ?? source.Declared, order.Attested, isEmpty);
    }

    /// <summary>Values are small: they are copied when they are handed over.</summary>
    public Task CopyAhead(MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation) => Task.CompletedTask;

    public Task Copy(MovePhase phase, MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation) =>
        new KeyCopier(_pair, options, clock).Copy(phase, begin, checkpoint, cancellation);

    public Task<MoveVerification> Verify(MovePhase phase, MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation) =>
        new KeyCopier(_pair, options, clock).Verify(phase, begin, checkpoint, cancellation);

    public async Task Purge(bool forward, CancellationToken cancellation)
    {
        await KeyPurge.All(forward ? _pair.Source : _pair.Target, cancellation);
        await KeyPurge.Dead(forward ? _pair.Target : _pair.Source, clock, cancellation);
    }

    private static async ValueTask<bool> Empty(MovingStore store, CancellationToken cancellation)
    {
        try
        {
            return await KeyCopier.IsEmpty(store, cancellation);
        }
        catch (FuryException failure) when (failure.GetBaseException() is NotSupportedException)
        {
            throw new FuryException(
                FuryErrorCode.CapabilityNotSupported, $"'{store.Driver.Provider}' cannot list all of its keys, so a copier cannot go over them.", failure);
        }
    }
}

internal sealed class MovedObjects(string move, IObjectDriver source, IObjectDriver target, CopierOptions options, TimeProvider clock) : IMovedData
{
    private readonly ObjectPair _pair = new(move, source, target, clock);

    /// <summary>Objects may be large: few at once, and few between two checkpoints.</summary>
    private readonly CopierOptions _options = options with { PageSize = Math.Min(options.PageSize, 50), AtOnce = Math.Min(options.AtOnce, 4) };

    public async Task<IReadOnlyList<string>> Refusals(MoveOrder order, CancellationToken cancellation) => MoveGates.Refusals(
        order.Required, order.Binding.Attested ?? source.Declared, order.Attested, await IsEmpty(target, cancellation), MoveGates.OfObjects);

    public Task CopyAhead(MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation) =>
        Copier.CopyAhead(begin, checkpoint, cancellation);

    public Task Copy(MovePhase phase, MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation) =>
        Copier.Copy(phase, begin, checkpoint, cancellation);

    public Task<MoveVerification> Verify(MovePhase phase, MoveState begin, Func<MoveState, ValueTask> checkpoint, CancellationToken cancellation) =>
        Copier.Verify(phase, begin, checkpoint, cancellation);

    public async Task Purge(bool forward, CancellationToken cancellation)
    {
        await ObjectPurge.All(forward ? source : target, cancellation);
        await ObjectPurge.Dead(forward ? target : source, clock, cancellation);
    }

    public static async ValueTask<bool> IsEmpty(IObjectDriver bucket, CancellationToken cancellation) =>
        (await bucket.Ask(each => each.ListAsync("", null, null, 1, cancellation), isWrite: false, cancellation)).Count == 0;

    private ObjectCopier Copier => new(_pair, _options, clock);
}
