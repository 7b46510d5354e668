using Fury.LittleMonster.Chaos;

namespace Fury.LittleMonster.Tests.Chaos;

/// <summary>A call of the world that changes it, as the world saw it.</summary>
/// <param name="Fence">The fencing token that came with it.</param>
internal sealed record WorldCall(bool Makes, Guid Token, long Saga, string Order, string Step, long Fence);

/// <param name="Calls">How often it was asked for.</param>
internal sealed record WorldThing(Guid Token, long Saga, string Order, string Step, int Calls, bool Lives, long MadeAt);

internal enum WorldAnswer
{
    Done = 200,

    /// <summary>This step is never done.</summary>
    Refused = 409,

    /// <summary>It was removed, and a token is good for one life.</summary>
    Gone = 410,

    /// <summary>An owner with a newer fencing token has spoken for this saga.</summary>
    Stale = 412,
}

/// <summary>
/// What is in the world and how it came to be, one call after the other. As at a cloud, a token stands for one thing however often it is
/// sent, also after that thing is gone; as in our own APIs, an owner that was replaced is refused.
/// </summary>
internal sealed class WorldRecord(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, WorldThing> _things = [];
    private readonly Dictionary<long, long> _fences = [];
    private readonly List<(WorldCall Call, WorldAnswer Answer)> _history = [];

    public IReadOnlyList<WorldThing> Things
    {
        get
        {
            lock (_lock)
            {
                return [.. _things.Values];
            }
        }
    }

    public IReadOnlyList<(WorldCall Call, WorldAnswer Answer)> History
    {
        get
        {
            lock (_lock)
            {
                return [.. _history];
            }
        }
    }

    public WorldAnswer Take(WorldCall call)
    {
        lock (_lock)
        {
            var answer = Judge(call);
            _history.Add((call, answer));
            return answer;
        }
    }

    /// <summary>The age of a living thing; null when there is none.</summary>
    public (string Order, TimeSpan Age)? Look(Guid token)
    {
        lock (_lock)
        {
            return _things.TryGetValue(token, out var thing) && thing.Lives ? (thing.Order, clock.GetElapsedTime(thing.MadeAt)) : null;
        }
    }

    private WorldAnswer Judge(WorldCall call)
    {
        if (call.Fence < _fences.GetValueOrDefault(call.Saga))
        {
            return WorldAnswer.Stale;
        }

        _fences[call.Saga] = call.Fence;
        var known = _things.GetValueOrDefault(call.Token);
        if (!call.Makes)
        {
            // A token that was never used is used up too: the call that it came with may still be on its way.
            _things[call.Token] = (known ?? Thing(call)) with { Lives = false };
            return WorldAnswer.Done;
        }

        if (call.Step == RefusedSaga.Step)
        {
            return WorldAnswer.Refused;
        }

        if (known is { Lives: false })
        {
            return WorldAnswer.Gone;
        }

        _things[call.Token] = known is null ? Thing(call) : known with { Calls = known.Calls + 1 };
        return WorldAnswer.Done;
    }

    private WorldThing Thing(WorldCall call) =>
        new(call.Token, call.Saga, call.Order, call.Step, call.Makes ? 1 : 0, call.Makes, clock.GetTimestamp());
}
