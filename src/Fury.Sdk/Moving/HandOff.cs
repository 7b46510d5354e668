using Fury.Sdk.Bindings;

namespace Fury.Sdk.Moving;

/// <summary>What is under a key in one of the two stores.</summary>
internal enum KeyForm
{
    Absent = 0,
    Value = 1,

    /// <summary>It was deleted; its version stays, so that nothing older comes back.</summary>
    Tombstone = 2,

    /// <summary>In the source: from the moment that this was written, the target has the key.</summary>
    Moved = 3,

    /// <summary>In the target: what is within goes back to the source, and nobody changes it any more.</summary>
    Frozen = 4,
}

/// <param name="Version">Grows with each write of the key, in whichever store; 0 where nothing is.</param>
/// <param name="Write">By which write it came to be; a copy has that of what was copied.</param>
internal readonly record struct KeySeen(KeyForm Form, long Version, Guid Write);

/// <summary>What was seen of a key.</summary>
/// <param name="Source">Null: not looked at yet.</param>
/// <param name="Target">Null: not looked at yet.</param>
/// <param name="IsConfirmed">After the target was looked at, the source was as before.</param>
internal readonly record struct KeyView(KeySeen? Source, KeySeen? Target, bool IsConfirmed);

/// <summary>What somebody wants of a key.</summary>
internal enum HandOffAim
{
    Read = 0,
    Write = 1,

    /// <summary>Only that it is where the phase wants it.</summary>
    Move = 2,

    /// <summary>Only that a copy of its value is in the target for later; the source keeps it.</summary>
    Ahead = 3,
}

/// <summary>All that is ever done to a key of a store that moves: each is one call of one provider, and each write compares.</summary>
internal enum HandOffMove
{
    LookAtSource = 0,
    LookAtTarget = 1,

    /// <summary>Put what the source has into the target, over what was seen there.</summary>
    CopyToTarget = 2,

    /// <summary>Put the mark of what has moved into the source, over what was seen there: the target has the key from then on.</summary>
    MarkSource = 3,

    /// <summary>Close what the target has, with its contents.</summary>
    FreezeTarget = 4,

    /// <summary>Put what is closed in the target into the source, over what was seen there: the source has the key from then on.</summary>
    RestoreSource = 5,

    /// <summary>Do to the source what was wanted, over what was seen there.</summary>
    ActOnSource = 6,
    ActOnTarget = 7,

    /// <summary>The key is where it should be.</summary>
    Done = 8,
}

/// <summary>
/// The protocol by which a key goes from one store to another while it is used. It is a function of what was seen alone, so whoever comes later goes on
/// where another has stopped. After a write that did not compare, all that was seen is forgotten. It holds as long as
/// <list type="bullet">
/// <item>instances of at most two neighbouring phases (the plain stores before and after are two more) live at the same time,</item>
/// <item>a phase that no longer looks at one store begins after a copier has gone over all keys, and the copier after the phase before was over,</item>
/// <item>providers drop no record of theirs that was written in a phase, not even when its value has expired,</item>
/// <item>and the target was empty when it began.</item>
/// </list>
/// All interleavings of small cases are searched in the tests, also without each of these conditions.
/// </summary>
internal static class HandOff
{
    public static HandOffMove Next(MovePhase phase, HandOffAim aim, KeyView view) =>
        aim == HandOffAim.Ahead ? Ahead(view)
        : phase == MovePhase.Settling
            ? view.Target is null ? HandOffMove.LookAtTarget : aim == HandOffAim.Move ? HandOffMove.Done : HandOffMove.ActOnTarget
            : view.Source switch
            {
                null => HandOffMove.LookAtSource,
                { Form: KeyForm.Value or KeyForm.Tombstone } here => InSource(phase, aim, here, view),
                { Form: KeyForm.Absent } here when phase == MovePhase.Preparing => InSource(phase, aim, here, view),
                _ when view.Target is null => HandOffMove.LookAtTarget,
                { } here => InTarget(phase, aim, here, view.Target.Value),
            };

    /// <summary>
    /// The same for keys that are written together, which must be in one store for that: the next move and which of the keys it is for. When it is to act,
    /// then on all of them at once.
    /// </summary>
    public static (HandOffMove Move, int Key) Next(MovePhase phase, IReadOnlyList<KeyView> keys)
    {
        var (inSource, inTarget, goesBack) = (-1, -1, false);
        for (var key = 0; key < keys.Count; key++)
        {
            var move = Next(phase, HandOffAim.Write, keys[key]);
            if (move is not (HandOffMove.ActOnSource or HandOffMove.ActOnTarget))
            {
                return (move, key);
            }

            (inSource, inTarget) = move == HandOffMove.ActOnSource ? (key, inTarget) : (inSource, key);
            goesBack |= keys[key].Target is { Form: KeyForm.Frozen };
        }

        // Where they are apart, the rest goes where others bring them too: against those, it would never end.
        return inTarget < 0 ? (HandOffMove.ActOnSource, 0)
            : inSource < 0 ? (HandOffMove.ActOnTarget, 0)
            : goesBack ? (Next(MovePhase.Returning, HandOffAim.Write, keys[inTarget]), inTarget)
            : (Next(MovePhase.Moving, HandOffAim.Write, keys[inSource]), inSource);
    }

    /// <summary>As one who hands it over, but for the mark; so it does no harm either when it is late.</summary>
    private static HandOffMove Ahead(KeyView view) => view.Source switch
    {
        null => HandOffMove.LookAtSource,
        { Form: KeyForm.Value } here => InSource(MovePhase.Moving, HandOffAim.Move, here, view) is var move && move == HandOffMove.MarkSource
            ? HandOffMove.Done
            : move,
        _ => HandOffMove.Done,
    };

    private static HandOffMove InSource(MovePhase phase, HandOffAim aim, KeySeen source, KeyView view) => (phase, aim, view.Target) switch
    {
        (not MovePhase.Moving, HandOffAim.Move, _) => HandOffMove.Done,
        (not MovePhase.Moving, _, _) or (_, HandOffAim.Read, _) => HandOffMove.ActOnSource,
        (_, _, null) => HandOffMove.LookAtTarget,
        (_, _, { } there) when there == source => HandOffMove.MarkSource,
        // Over what is older. What is not may have gone on in the target since the source was looked at, which must not be undone; or it is a copy of
        // what the source's provider has dropped since, and means nothing: the source tells.
        (_, _, { } there) => there.Form is KeyForm.Absent or KeyForm.Frozen || there.Version < source.Version || view.IsConfirmed
            ? HandOffMove.CopyToTarget
            : HandOffMove.LookAtSource,
    };

    /// <summary>The source has nothing, or says that the key has moved.</summary>
    private static HandOffMove InTarget(MovePhase phase, HandOffAim aim, KeySeen source, KeySeen target) => (phase, aim) switch
    {
        (_, HandOffAim.Read) => HandOffMove.ActOnTarget,
        _ when target.Form == KeyForm.Frozen => HandOffMove.RestoreSource,
        (MovePhase.Returning, _) when (source.Form, target.Form) == (KeyForm.Absent, KeyForm.Absent) =>
            aim == HandOffAim.Move ? HandOffMove.Done : HandOffMove.ActOnSource,
        (MovePhase.Returning, _) => HandOffMove.FreezeTarget,
        (_, HandOffAim.Move) => HandOffMove.Done,
        // Before the first value of a key is in the target, the source says so: nobody may begin it there.
        _ when source.Form == KeyForm.Absent => HandOffMove.MarkSource,
        _ => HandOffMove.ActOnTarget,
    };
}
