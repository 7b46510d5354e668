namespace Fury.LittleMonster;

/// <summary>What a step does to the world, and so what must happen when it is not known whether it did it.</summary>
public enum Effect
{
    /// <summary>Only computes or reads. Run again after a crash; its result is written with the next step's.</summary>
    Pure,

    /// <summary>Calls something that knows <c>x.Token</c>: the same token again is the same effect. Run again after a crash.</summary>
    Token,

    /// <summary>
    /// Looks for its own work (by name or by <c>x.Tags</c>) and adopts what it finds before it makes anything. Run again after a
    /// crash.
    /// </summary>
    Find,

    /// <summary>
    /// Can neither be repeated nor be found. The intent is written before it runs; a crash while it runs ends the saga in
    /// <see cref="SagaState.Stuck"/>, never in a guess.
    /// </summary>
    Once,
}
