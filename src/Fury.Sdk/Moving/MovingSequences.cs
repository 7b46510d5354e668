using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Moving;

/// <summary>
/// Sequences that move. A sequence of the source is closed by a reservation of so many numbers that none of them is ever given: what is left over when
/// they are taken away is the highest that was given, however often it is closed and whoever dies meanwhile. The target gives what is above it.
/// </summary>
internal sealed class MovingSequences(MovePhase phase, ISequenceDriver source, ISequenceDriver target) : ISequenceDriver
{
    /// <summary>Reserved to close; sequences stay below half of it.</summary>
    private const long Closing = 1L << 48;

    public string Provider => phase == MovePhase.Settling ? target.Provider : source.Provider;

    public CapabilitySet Declared { get; } = Sides.Both(source, target);

    public bool EndsAtOnce => source.EndsAtOnce && target.EndsAtOnce;

    /// <summary>There is no way back but another move: what was closed stays closed.</summary>
    public static bool Has(MovePhase phase) => phase is MovePhase.Preparing or MovePhase.Moving or MovePhase.Settling;

    public ValueTask ProbeAsync(CancellationToken cancellation) => Sides.Probe(source, target, cancellation);

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await target.DisposeAsync();
    }

    public async ValueTask<long> ReserveAsync(string sequence, long count, CancellationToken cancellation)
    {
        if (phase == MovePhase.Preparing)
        {
            var first = await source.Ask(each => each.ReserveAsync(sequence, count, cancellation), cancellation);
            if (first < Closing)
            {
                return first;
            }
        }

        await HandOver(sequence, cancellation);
        return await target.Ask(each => each.ReserveAsync(sequence, count, cancellation), cancellation);
    }

    public async ValueTask<long> PeekAsync(string sequence, CancellationToken cancellation)
    {
        var there = phase == MovePhase.Settling ? Closing : await source.Ask(each => each.PeekAsync(sequence, cancellation), cancellation);
        return there < Closing ? there : Math.Max(there % Closing, await target.Ask(each => each.PeekAsync(sequence, cancellation), cancellation));
    }

    public async ValueTask RaiseAsync(string sequence, long floor, CancellationToken cancellation)
    {
        if (phase == MovePhase.Preparing)
        {
            await source.Do(each => each.RaiseAsync(sequence, floor, cancellation), cancellation);
            if (await source.Ask(each => each.PeekAsync(sequence, cancellation), cancellation) < Closing)
            {
                return;
            }
        }

        await HandOver(sequence, cancellation);
        await target.Do(each => each.RaiseAsync(sequence, floor, cancellation), cancellation);
    }

    public ValueTask<NamePage> NamesAsync(string? from, int limit, CancellationToken cancellation) =>
        (phase == MovePhase.Settling ? target : source).NamesAsync(from, limit, cancellation);

    /// <summary>Hands on what nobody has touched; after it, and only then, the source is not asked any more.</summary>
    public async Task HandOverAll(CancellationToken cancellation)
    {
        string? from = null;
        do
        {
            var page = await source.NamesAsync(from, 100, cancellation);
            foreach (var name in page.Names)
            {
                await HandOver(name, cancellation);
            }

            from = page.Next;
        }
        while (from is not null);
    }

    private async ValueTask HandOver(string sequence, CancellationToken cancellation)
    {
        if (phase == MovePhase.Settling)
        {
            return;
        }

        var there = await source.Ask(each => each.PeekAsync(sequence, cancellation), cancellation);
        if (there < Closing)
        {
            if (there >= Closing / 2)
            {
                throw new FuryException(FuryErrorCode.Internal, $"A sequence at {there:N0} cannot be moved; it must be below {Closing / 2:N0}.");
            }

            there = await source.Ask(each => each.ReserveAsync(sequence, Closing, cancellation), cancellation) + Closing - 1;
        }

        // Also by who finds it closed: who has closed it may have died before this.
        await target.Do(each => each.RaiseAsync(sequence, there % Closing, cancellation), cancellation);
    }
}
