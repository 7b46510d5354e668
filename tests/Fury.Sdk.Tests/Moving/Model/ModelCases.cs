using Fury.Sdk.Bindings;
using Fury.Sdk.Moving;

namespace Fury.Sdk.Tests.Moving.Model;

/// <summary>What an actor does, as one operation of the register; <see cref="Copy"/> is none of it.</summary>
internal enum Deed
{
    Read = 0,
    Increment = 1,
    Delete = 2,

    /// <summary>Without a look at what is there.</summary>
    Set = 3,

    /// <summary>The same, and it expires when time passes.</summary>
    SetExpiring = 4,

    /// <summary>Adds to both keys at once.</summary>
    IncrementBoth = 5,

    /// <summary>Goes over all keys and hands them on.</summary>
    Copy = 6,

    /// <summary>Goes over all keys and puts copies into the target, before anything is handed over.</summary>
    CopyAhead = 7,
}

/// <summary>One operation.</summary>
internal readonly record struct Act(Deed Deed, int Key = 0);

/// <summary>Of those that live at the same time, two are neighbours at most.</summary>
/// <param name="Phase">Null: one of the two stores alone, as before and after a move.</param>
/// <param name="OnTarget">Of the plain stores: which.</param>
/// <param name="AfterPass">Begins after a copier of the stage before, which began after all of the stage before that had ended.</param>
internal sealed record Stage(MovePhase? Phase, bool OnTarget = false, bool AfterPass = false)
{
    public static Stage Source { get; } = new(Phase: null);

    public static Stage Preparing { get; } = new(MovePhase.Preparing);

    public static Stage Moving { get; } = new(MovePhase.Moving);

    public static Stage Settling { get; } = new(MovePhase.Settling, AfterPass: true);

    public static Stage Target { get; } = new(null, OnTarget: true);

    public static Stage Holding { get; } = new(MovePhase.Holding);

    public static Stage Returning { get; } = new(MovePhase.Returning);

    public static Stage Returned { get; } = new(MovePhase.Preparing, AfterPass: true);
}

/// <summary>Somebody of a stage, who does a few things one after the other, and may die between any two calls of a provider.</summary>
/// <param name="Stage">Its place in the chain of the case.</param>
internal sealed record Actor(int Stage, params Act[] Acts);

/// <summary>Decides on the next move of one key; what has been done already is for protocols that act more than once.</summary>
internal delegate HandOffMove Protocol(MovePhase phase, HandOffAim aim, KeyView view, bool acted);

/// <summary>A few actors on one or two keys, and what is broken about the protocol.</summary>
internal sealed record Case(string Name, Stage[] Chain, Actor[] Actors)
{
    public int Keys { get; init; } = 1;

    /// <summary>What the source has at the start: null nothing, else 1.</summary>
    public bool StartsAbsent { get; init; }

    /// <summary>What the source has at the start expires when time passes, and its provider may then drop it.</summary>
    public bool StartsExpiring { get; init; }

    /// <summary>Time passes once, at any moment.</summary>
    public bool TimePasses { get; init; }

    public Protocol Protocol { get; init; } = (phase, aim, view, _) => HandOff.Next(phase, aim, view);

    /// <summary>Instances delete for good while data moves.</summary>
    public bool NoTombstones { get; init; }

    /// <summary>Providers drop what has expired while data moves.</summary>
    public bool DropsExpired { get; init; }

    /// <summary>Stages begin without waiting for anybody.</summary>
    public bool NoFences { get; init; }

    /// <summary>Stages begin without a full pass of a copier.</summary>
    public bool NoPass { get; init; }

    /// <summary>As objects are: what is newer is not told by its version.</summary>
    public bool NoVersions { get; init; }

    /// <summary>Keys that are written together are written one by one.</summary>
    public bool NotTogether { get; init; }

    public override string ToString() => Name;
}
