namespace Fury.Sdk.Bindings;

/// <summary>
/// How instances work while data moves between two providers. A move goes <c>Preparing, Moving, Settling</c> and then to the target alone; its way back
/// goes <c>Holding, Returning, Preparing</c> and then to the source alone. An evacuation goes <c>Evacuated</c>
/// and then to the target alone. Instances of at most two neighbouring phases live at the same time.
/// </summary>
public enum MovePhase
{
    /// <summary>All is in the source. Each write compares, deletions leave tombstones, and what is marked as moved is worked on in the target.</summary>
    Preparing = 1,

    /// <summary>Whoever writes a key hands it to the target first; a copier does so with the rest.</summary>
    Moving = 2,

    /// <summary>All is in the target; its tombstones stay.</summary>
    Settling = 3,

    /// <summary>Each key is worked on where it is, and none is handed over any more.</summary>
    Holding = 4,

    /// <summary>Whoever writes a key brings it back to the source first; a copier does so with the rest.</summary>
    Returning = 5,

    /// <summary>
    /// The source is left at once, and what it has with it. Nobody asks it any more; calls wait for the binding of the target alone, so that nothing is
    /// written to the target while somebody may still write to the source. Of a queue, messages go to the target, and come from both.
    /// </summary>
    Evacuated = 6,
}
