using Fury.Sdk.Moving;

namespace Fury.Sdk.Tests.Moving.Model;

/// <summary>All orders in which the actors of a case may take their steps.</summary>
internal sealed class Explorer(Case @case)
{
    private const int StepsMax = 150;

    private readonly Machine _machine = new(@case);
    private readonly HashSet<string> _visited = [];
    private readonly Stack<string> _path = [];

    /// <summary>How many states there were.</summary>
    public int States => _visited.Count;

    /// <summary>Null: every order gives answers that a register could have given. Else the steps to one that does not.</summary>
    public IReadOnlyList<string>? Violation()
    {
        var start = @case.StartsAbsent
            ? default
            : new Cell(KeyForm.Value, 1, 1, @case.StartsExpiring, @case.StartsExpiring, 1, 0);
        var actors = @case.Actors.Length;
        return Visit(new State
        {
            Source = [.. Enumerable.Repeat(start, @case.Keys)],
            Target = new Cell[@case.Keys],
            Actors = new Progress[actors],
            SeenSource = new Cell?[actors * 2],
            SeenTarget = new Cell?[actors * 2],
            Confirmed = new bool[actors * 2],
            Configs = [Monitor.Start(@case.Keys, @case.StartsAbsent ? -1 : 1, @case.StartsExpiring)],
        }) ? null : [.. _path.Reverse()];
    }

    /// <summary>The calls that are out.</summary>
    public static IReadOnlyList<(int Actor, Act Act)> Out(Case @case, State state) =>
    [
        .. from actor in Enumerable.Range(0, state.Actors.Length)
           where state.Actors[actor].IsOut && @case.Actors[actor].Acts[state.Actors[actor].Act].Deed is not (Deed.Copy or Deed.CopyAhead)
           select (actor, @case.Actors[actor].Acts[state.Actors[actor].Act]),
    ];

    private bool Visit(State state)
    {
        if (!_visited.Add(state.Text()))
        {
            return true;
        }

        for (var actor = 0; actor < state.Actors.Length; actor++)
        {
            var life = state.Actors[actor].Life;
            if (life == Life.Runs || (life == Life.Waits && MayBegin(state, actor)))
            {
                var next = state.Clone();
                next.Actors[actor].Counts |= life == Life.Waits && AreOver(state, @case.Actors[actor].Stage - 1);
                if (!Go($"{actor} {@case.Actors[actor].Acts[state.Actors[actor].Act].Deed}", next, _machine.Step(next, actor)))
                {
                    return false;
                }
            }

            if (life == Life.Runs && Matters(state, actor))
            {
                var next = state.Clone();
                next.Actors[actor].Life = Life.Dead;
                if (!Go($"{actor} dies", next, true))
                {
                    return false;
                }
            }
        }

        return PassTime(state) && Drop(state, state.Source, next => next.Source) && Drop(state, state.Target, next => next.Target);
    }

    private bool Go(string step, State next, bool isRight)
    {
        _path.Push(step);
        // Somebody who takes steps for ever without getting anywhere would be found here.
        if (!isRight || _path.Count > StepsMax || !Visit(next))
        {
            return false;
        }

        _path.Pop();
        return true;
    }

    private bool PassTime(State state)
    {
        if (!@case.TimePasses || state.Passed)
        {
            return true;
        }

        var next = state.Clone();
        next.Configs = [.. Monitor.Close(state.Configs, Out(@case, state), false).Order()];
        next.Passed = true;
        return Go("time passes", next, true);
    }

    private bool Drop(State state, Cell[] cells, Func<State, Cell[]> of)
    {
        for (var key = 0; key < cells.Length; key++)
        {
            if (state.Passed && cells[key] is { Expires: true, Droppable: true, Form: KeyForm.Value })
            {
                var next = state.Clone();
                of(next)[key] = default(Cell) with { Revision = cells[key].Revision };
                if (!Go("a provider drops what has expired", next, true))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool MayBegin(State state, int actor)
    {
        var stage = @case.Actors[actor].Stage;
        return (@case.NoFences || AreOver(state, stage - 2))
            && (@case.NoPass || Enumerable.Range(0, stage + 1).All(each => !@case.Chain[each].AfterPass || each == 0 || WasPassed(state, each - 1)));
    }

    private bool WasPassed(State state, int stage) => Enumerable.Range(0, state.Actors.Length).Any(actor =>
        @case.Actors[actor].Stage == stage && @case.Actors[actor].Acts[^1].Deed == Deed.Copy
        && state.Actors[actor] is { Life: Life.Ended, Counts: true });

    /// <summary>Whether all up to this stage have ended or died.</summary>
    private bool AreOver(State state, int stage) => Enumerable.Range(0, state.Actors.Length).All(actor =>
        @case.Actors[actor].Stage > stage || state.Actors[actor].Life is Life.Ended or Life.Dead);

    /// <summary>Who dies differs from who takes no further step only where others wait for him.</summary>
    private bool Matters(State state, int actor) => Enumerable.Range(0, state.Actors.Length).Any(other =>
        state.Actors[other].Life == Life.Waits && @case.Actors[other].Stage > @case.Actors[actor].Stage);
}
