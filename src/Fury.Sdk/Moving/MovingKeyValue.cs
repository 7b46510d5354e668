using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Moving;

/// <summary>
/// Two stores as one, while data moves from the source to the target. Both compare; blind writes do too here. Revisions name the write, so what was read
/// before a key has moved still compares after.
/// </summary>
internal sealed partial class MovingKeyValue(MovePhase phase, IKeyValueDriver source, IKeyValueDriver target) : IKeyValueDriver
{
    private readonly MovingPair _pair = new(new MovingStore(source), new MovingStore(target));

    public string Provider => phase == MovePhase.Settling ? target.Provider : source.Provider;

    /// <summary>What both can do.</summary>
    public CapabilitySet Declared { get; } = Sides.Both(source, target);

    public bool EndsAtOnce => source.EndsAtOnce && target.EndsAtOnce;

    public ValueTask ProbeAsync(CancellationToken cancellation) => Sides.Probe(source, target, cancellation);

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await target.DisposeAsync();
    }

    public async ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation)
    {
        var at = new MovingKey();
        return Shown(key, await Find(HandOffAim.Read, key, at, cancellation), at);
    }

    public async ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation)
    {
        var at = new MovingKey();
        for (var round = 1; ; round++)
        {
            var move = await Find(HandOffAim.Write, step.Key, at, cancellation);
            var there = Acted(move, at);
            if (!Allows(step.Guard, there, at) || (step.Kind == KvStepKind.Delete && !there.HasValue))
            {
                return new KvWritten(false, null);
            }

            if (step.Kind == KvStepKind.Check)
            {
                return new KvWritten(true, null);
            }

            var bytes = step.Kind == KvStepKind.Put ? there.Next(step.Value) : there.Tombstone();
            var store = move == HandOffMove.ActOnSource ? _pair.Source : _pair.Target;
            if (await store.Swap(step.Key, there, bytes, isWrite: true, cancellation) is { } written)
            {
                return new KvWritten(true, step.Kind == KvStepKind.Put ? KvRevisions.OfMoving(written.Envelope.WriteId, null) : null);
            }

            Lost(round);
            at.Forget();
        }
    }

    /// <summary>Goes on until it can be acted on, by the move that says where.</summary>
    private async ValueTask<HandOffMove> Find(HandOffAim aim, KvKey key, MovingKey at, CancellationToken cancellation)
    {
        for (var lost = 0; ;)
        {
            var move = HandOff.Next(phase, aim, at.Seen);
            if (move is HandOffMove.ActOnSource or HandOffMove.ActOnTarget or HandOffMove.Done)
            {
                return move;
            }

            if (!await _pair.Do(move, key, at, cancellation))
            {
                Lost(++lost);
            }
        }
    }

    private static MovingRecord Acted(HandOffMove move, MovingKey at) => (move == HandOffMove.ActOnSource ? at.Source : at.Target)!.Value;

    /// <summary>The value, as the portable layer sees it.</summary>
    private static KvItem? Shown(KvKey key, HandOffMove move, MovingKey at)
    {
        var there = Acted(move, at);
        return there.HasValue
            ? new KvItem(
                key,
                there.Seen.Form == KeyForm.Frozen ? there.Thaw() : there.Bytes,
                KvRevisions.OfMoving(there.Envelope.WriteId, BeforeOf(there, at)))
            : null;
    }

    private static bool Allows(KvGuard guard, MovingRecord there, MovingKey at) =>
        guard.IsNone || (guard.Revision is { } revision
            ? there.HasValue && KvRevisions.IsOf(revision, there.Envelope.WriteId, BeforeOf(there, at))
            : !there.HasValue);

    /// <summary>The revision by which those know it who have read it before the move; null when it was written since.</summary>
    private static string? BeforeOf(MovingRecord there, MovingKey at) =>
        at.Source is not { } source ? null
        : source.Seen.Form == KeyForm.Moved
            ? source.Envelope.WriteId == there.Envelope.WriteId ? MovedMark.Of(source)?.Revision : null
        : source.Revision;

    private static void Lost(int round)
    {
        if (round >= KvWriting.RoundsMax)
        {
            throw Failure.Contended("The key", round);
        }
    }
}
