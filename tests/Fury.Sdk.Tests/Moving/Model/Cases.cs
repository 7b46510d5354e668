using Fury.Sdk.Bindings;
using Fury.Sdk.Moving;
using static Fury.Sdk.Tests.Moving.Model.Deed;
using static Fury.Sdk.Tests.Moving.Model.Stage;

namespace Fury.Sdk.Tests.Moving.Model;

/// <summary>The cases that are searched.</summary>
internal static class Cases
{
    private static readonly Stage[] There = [Source, Preparing, Stage.Moving, Settling, Target];
    private static readonly Stage[] Back = [Settling, Stage.Moving, Stage.Holding, Returning, Returned, Source];
    private static readonly Stage[] BackFromLast = [Stage.Moving, Settling, Stage.Holding, Returning, Returned, Source];

    public static IReadOnlyList<Case> Right =>
    [
        Forward("increments on both sides of the border", Increment, Increment),
        Forward("a deletion after the border", Increment, Delete),
        Forward("a deletion before the border", Delete, Increment),
        Forward("a key that is not there at the start", Increment, Increment) with { StartsAbsent = true },
        Forward("a key that is not there at the start and is deleted", Increment, Delete) with { StartsAbsent = true },
        Forward("writes that do not look", Set, Increment),
        new("the first phase beside instances that know of no move", There,
            [Does(0, Increment), Does(0, Delete), Does(1, Increment), Does(1, Delete), Does(2, Increment), Does(2, Copy)]),
        new("blind writes before the first phase", There, [Does(0, Set), Does(1, Increment), Does(1, Delete), Does(2, Copy), Does(3, Increment)]),
        new("two copiers", There, [Does(1, Delete), Does(1, Increment), Does(2, Copy), Does(2, Copy), Does(3, Read)]),
        new("the last two phases beside each other", There, [Does(2, Increment), Does(2, Copy), Does(2, Delete), Does(3, Increment), Does(3, Read)]),
        new("the last two phases beside each other, a key that is not there", There,
            [Does(2, Increment), Does(2, Copy), Does(2, Read), Does(3, Increment), Does(3, Delete)]) { StartsAbsent = true },
        new("the last phase beside the target alone", There, [Does(2, Copy), Does(3, Increment), Does(3, Delete), Does(4, Increment), Does(4, Delete)]),
        new("readers of all phases", There, [Does(1, Read), Does(2, Increment), Does(2, Copy), Does(2, Read), Does(3, Read)]),
        new("a reader that reads twice", There, [Does(1, Increment), Does(2, Increment), Reads(2), Does(2, Copy), Does(3, Delete)]),
        new("copies ahead of the move", There, [Does(1, CopyAhead), Does(1, Increment), Does(2, Delete), Does(2, Copy), Does(3, Increment), Does(3, Read)])
            { NoVersions = true },
        new("copies ahead that are late", There, [Does(1, CopyAhead), Does(1, Delete), Does(2, Copy), Does(2, Increment), Does(2, Read)])
            { NoVersions = true },
        new("copies ahead of what expires", There, [Does(1, CopyAhead), Does(1, Increment), Does(2, Increment), Does(2, Copy), Does(3, Increment)])
            { NoVersions = true, TimePasses = true, StartsExpiring = true },
        Forward("without versions: increments on both sides of the border", Increment, Increment) with { NoVersions = true },
        Forward("without versions: a deletion before the border", Delete, Increment) with { NoVersions = true },
        Forward("without versions: a key that is not there at the start", Increment, Delete) with { NoVersions = true, StartsAbsent = true },
        new("without versions: the way back", Back, [Does(1, Increment), Does(1, Copy), Does(2, Increment), Does(3, Delete), Does(3, Copy), Does(4, Read)])
            { NoVersions = true },
        Expiring("what expires before the move", Increment, Increment) with { StartsExpiring = true },
        Expiring("what expires before the move, and is deleted", Delete, Increment) with { StartsExpiring = true },
        Expiring("what is made to expire in the first phase", SetExpiring, Increment),
        Expiring("what is made to expire while it moves", Increment, SetExpiring),
        Batched("transactions on both sides of the border", Does(1, IncrementBoth), Does(2, IncrementBoth)),
        Batched("transactions across what has moved and what has not", Does(1, IncrementBoth), new Actor(2, new Act(Increment, 1))),
        Batched("transactions of keys that are not there", Does(1, IncrementBoth), Does(2, IncrementBoth)) with { StartsAbsent = true },
        new("the way back of a key", Back, [Does(1, Increment), Does(1, Copy), Does(2, Increment), Does(3, Increment), Does(3, Copy), Does(4, Read)]),
        new("the way back of a deletion", Back, [Does(1, Increment), Does(2, Delete), Does(3, Increment), Does(3, Copy), Does(4, Increment)]),
        new("the way back of a key that was not there", Back, [Does(1, Increment), Does(2, Increment), Does(3, Delete), Does(3, Copy), Does(4, Increment)])
            { StartsAbsent = true },
        new("the way back from the last phase", BackFromLast,
            [Does(0, Copy), Does(1, Increment), Does(1, Increment), Does(2, Delete), Does(3, Increment), Does(3, Copy), Does(4, Read)]),
        new("the way back from the last phase of a key that was not there", BackFromLast,
            [Does(0, Copy), Does(1, Increment), Does(2, Delete), Does(3, Increment), Does(3, Copy), Does(4, Read)]) { StartsAbsent = true },
        new("the way back beside the source alone", Back,
            [Does(1, Copy), Does(3, Copy), Does(3, Increment), Does(4, Delete), Does(4, Increment), Does(5, Increment), Does(5, Delete)]),
        new("two that bring back", Back, [Does(1, Copy), Does(2, Increment), Does(3, Copy), Does(3, Copy), Does(3, Delete), Does(4, Read)]),
        new("transactions on the way back", Back,
            [new Actor(1, new Act(Increment, 1)), Does(2, IncrementBoth), Does(3, Copy), new Actor(4, new Act(Read), new Act(Read, 1))]) { Keys = 2 },
        new("what expires on the way back", Back,
            [Does(1, SetExpiring), Does(2, Increment), Does(3, SetExpiring), Does(3, Copy), Does(4, Read)]) { TimePasses = true },
    ];

    /// <summary>What goes wrong when one thing is left out.</summary>
    public static IReadOnlyList<Case> Broken =>
    [
        Forward("no tombstones", Delete, Read) with { NoTombstones = true },
        Forward("also over what is newer", Increment, Increment) with
        {
            Protocol = (phase, aim, view, _) => HandOff.Next(phase, aim, view) is var move && move == HandOffMove.LookAtSource
                && view.Source is not null ? HandOffMove.CopyToTarget : move,
        },
        Forward("without the mark", Increment, Increment) with
        {
            Protocol = (phase, aim, view, _) => HandOff.Next(phase, aim, view) is var move && move == HandOffMove.MarkSource
                ? aim == HandOffAim.Move ? HandOffMove.Done : HandOffMove.ActOnTarget : move,
        },
        Forward("marked before it is copied", Increment, Increment) with
        {
            Protocol = (phase, aim, view, _) => HandOff.Next(phase, aim, view) is var move && move == HandOffMove.CopyToTarget
                ? HandOffMove.MarkSource : move,
        },
        new("the last phase while the first lives, a key that is not there", There, [Does(1, Increment), Does(2, Copy), Does(3, Increment), Does(3, Read)])
            { StartsAbsent = true, NoFences = true, NoPass = true },
        new("the last phase without a pass", There, [Does(2, Increment), Does(3, Read)]) { NoPass = true },
        new("an instance that knows of no move beside the copier", There, [Does(0, Delete), Does(1, Read), Does(2, Copy), Does(2, Increment), Does(2, Read)])
            { NoFences = true },
        Expiring("providers that drop what has expired", SetExpiring, Read) with { DropsExpired = true },
        Batched("keys written together one by one", Does(1, IncrementBoth), Does(2, IncrementBoth)) with { NotTogether = true },
        new("the way back without freezing", Back, [Does(1, Copy), Does(2, Increment), Does(3, Increment), Does(3, Copy), Does(4, Read)])
        {
            Protocol = (phase, aim, view, _) => HandOff.Next(phase, aim, view) is var move && move == HandOffMove.FreezeTarget
                ? HandOffMove.RestoreSource : move,
        },
        Naive("dual write and backfill: two writers", Does(1, Increment), Does(1, Increment), Does(1, Copy), Does(2, Read)),
        Naive("dual write and backfill: a writer that is late", Does(0, Delete), Does(1, Copy), Does(1, Copy), Does(2, Read)),
        Naive("dual write and backfill: a deletion beside the backfill", Does(1, Delete), Does(1, Copy), Does(2, Read)),
    ];

    private static Actor Does(int stage, Deed deed) => new(stage, new Act(deed));

    private static Actor Reads(int stage) => new(stage, new Act(Read), new Act(Read));

    private static Case Forward(string name, Deed before, Deed after) => new(
        name, There, [Does(1, before), Does(2, after), Does(2, Copy), Does(2, Copy), Does(3, Increment), Does(3, Read)]);

    private static Case Expiring(string name, Deed before, Deed after) => new(
        name, There, [Does(1, before), Does(2, after), Does(2, Copy), Does(3, Increment)])
    { TimePasses = true };

    private static Case Batched(string name, Actor before, Actor after) => new(
        name, There, [before, after, Does(2, Copy), new Actor(3, new Act(Read), new Act(Read, 1))])
    { Keys = 2 };

    /// <summary>The source first and then the target, each as it comes; the copier puts what the target does not have.</summary>
    private static Case Naive(string name, params Actor[] actors) => new(name, [Source, Stage.Moving, Settling], actors)
    {
        NoTombstones = true,
        Protocol = (phase, aim, view, acted) => (phase, aim) switch
        {
            (MovePhase.Settling, _) => HandOff.Next(phase, aim, view),
            _ when view.Source is null => HandOffMove.LookAtSource,
            (_, HandOffAim.Move) => view.Target switch
            {
                null => HandOffMove.LookAtTarget,
                { Form: KeyForm.Absent } when view.Source is { Form: KeyForm.Value } => HandOffMove.CopyToTarget,
                _ => HandOffMove.Done,
            },
            _ when !acted => HandOffMove.ActOnSource,
            _ => view.Target is null ? HandOffMove.CopyToTarget : HandOffMove.Done,
        },
    };
}
