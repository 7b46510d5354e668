using Fury.Sdk.Bindings;
using Fury.Sdk.Moving;

namespace Fury.Sdk.Tests.Moving.Model;

/// <summary>One step of an actor: one call of one provider, and what is decided upon its answer.</summary>
internal sealed class Machine(Case @case)
{
    public const int SetValue = 7;

    /// <summary>Changes the state. False: no register could have given the answers.</summary>
    public bool Step(State state, int actor)
    {
        ref var at = ref state.Actors[actor];
        var stage = @case.Chain[@case.Actors[actor].Stage];
        var act = @case.Actors[actor].Acts[at.Act];
        at.Life = Life.Runs;
        at.IsOut = true;
        if (stage.Phase is not { } phase)
        {
            return Plain(state, actor, act, stage.OnTarget);
        }

        Call(state, actor, act, phase);
        return Settle(state, actor, act, phase);
    }

    /// <summary>What needs no further call.</summary>
    private bool Settle(State state, int actor, Act act, MovePhase phase)
    {
        while (true)
        {
            ref var at = ref state.Actors[actor];
            if (at.Answer > 0 && !(act.Deed == Deed.IncrementBoth && @case.NotTogether && at.Key < @case.Keys) && !at.Acted)
            {
                return Finish(state, actor, act, at.Answer - 1);
            }

            if (act.Deed == Deed.IncrementBoth && !@case.NotTogether)
            {
                return true;
            }

            var move = Next(state, actor, act, phase);
            if (move == HandOffMove.Done && act.Deed is Deed.Copy or Deed.CopyAhead)
            {
                at.Key++;
                Forget(state, actor);
                if (at.Key == @case.Keys)
                {
                    return Finish(state, actor, act, 0);
                }
            }
            else if (move == HandOffMove.Done)
            {
                return Finish(state, actor, act, at.Answer - 1);
            }
            else if (move is HandOffMove.ActOnSource or HandOffMove.ActOnTarget && !at.Acted)
            {
                var key = KeyOf(act, at);
                var seen = (move == HandOffMove.ActOnSource ? state.SeenSource : state.SeenTarget)[(actor * 2) + key]!.Value;
                if (act.Deed == Deed.Read || (act.Deed == Deed.Delete && seen.Visible(state.Passed) < 0))
                {
                    return Finish(state, actor, act, Monitor.AnswerOf(act.Deed, seen.Visible(state.Passed)));
                }

                return true;
            }
            else
            {
                return true;
            }
        }
    }

    private void Call(State state, int actor, Act act, MovePhase phase)
    {
        ref var at = ref state.Actors[actor];
        var (move, key) = act.Deed == Deed.IncrementBoth && !@case.NotTogether
            ? HandOff.Next(phase, [.. Enumerable.Range(0, 2).Select(each => Seen(state, actor, each))])
            : (Next(state, actor, act, phase), KeyOf(act, at));
        var slot = (actor * 2) + key;
        var (source, target) = (state.SeenSource[slot], state.SeenTarget[slot]);
        switch (move)
        {
            case HandOffMove.LookAtSource:
                state.Confirmed[slot] = target is not null && source is { } before && before.Revision == state.Source[key].Revision;
                (state.SeenSource[slot], state.SeenTarget[slot]) = (state.Source[key], state.Confirmed[slot] ? target : null);
                break;
            case HandOffMove.LookAtTarget:
                state.SeenTarget[slot] = state.Target[key];
                break;
            case HandOffMove.CopyToTarget:
                Put(state, actor, key, false, source!.Value with { Droppable = @case.DropsExpired && source.Value.Expires });
                break;
            case HandOffMove.MarkSource:
                Put(state, actor, key, true, new Cell(KeyForm.Moved, -1, source!.Value.Version, false, false, 0, source.Value.Write));
                break;
            case HandOffMove.FreezeTarget:
                Put(state, actor, key, false, target!.Value with
                {
                    Form = KeyForm.Frozen,
                    Value = target.Value.Form == KeyForm.Value ? target.Value.Value : -1,
                    Version = Math.Max(target.Value.Version, source!.Value.Version),
                });
                break;
            case HandOffMove.RestoreSource:
                Put(state, actor, key, true, target!.Value with { Form = target.Value.Value >= 0 ? KeyForm.Value : KeyForm.Tombstone });
                break;
            case HandOffMove.ActOnSource or HandOffMove.ActOnTarget when act.Deed == Deed.IncrementBoth && !@case.NotTogether:
                Both(state, actor, move == HandOffMove.ActOnSource);
                break;
            case HandOffMove.ActOnSource or HandOffMove.ActOnTarget:
                var onSource = move == HandOffMove.ActOnSource;
                var seen = (onSource ? source : target)!.Value;
                if (Put(state, actor, key, onSource, After(act.Deed, seen, state.Passed, WriteOf(actor, at))))
                {
                    Acted(ref at, act, seen.Visible(state.Passed));
                }

                break;
        }
    }

    private void Acted(ref Progress at, Act act, int old)
    {
        if (act.Deed == Deed.IncrementBoth)
        {
            // One by one: the answer has both sums.
            at.Answer = at.Key == 0 ? Monitor.AnswerOf(act.Deed, old, -1) : at.Answer + Math.Max(old, 0) + 1;
            at.Key++;
        }
        else
        {
            at.Answer = Monitor.AnswerOf(act.Deed, old) + 1;
            at.Acted = IsNaive;
        }
    }

    /// <summary>A protocol that goes on after it has acted.</summary>
    private bool IsNaive =>
        @case.Protocol(MovePhase.Moving, HandOffAim.Write, new KeyView(new KeySeen(KeyForm.Value, 1, default), null, false), false) == HandOffMove.ActOnSource;

    private void Both(State state, int actor, bool onSource)
    {
        var seen = onSource ? state.SeenSource : state.SeenTarget;
        var (first, second) = (seen[actor * 2]!.Value, seen[(actor * 2) + 1]!.Value);
        var cells = onSource ? state.Source : state.Target;
        if (!Compares(cells[0], first) || !Compares(cells[1], second))
        {
            Forget(state, actor);
            return;
        }

        var write = WriteOf(actor, state.Actors[actor]);
        cells[0] = After(Deed.Increment, first, state.Passed, write) with { Revision = cells[0].Revision + 1 };
        cells[1] = After(Deed.Increment, second, state.Passed, write) with { Revision = cells[1].Revision + 1 };
        state.Actors[actor].Answer = Monitor.AnswerOf(Deed.IncrementBoth, first.Visible(state.Passed), second.Visible(state.Passed)) + 1;
    }

    private Cell After(Deed deed, Cell seen, bool passed, int write) =>
        @case.NoVersions ? Versioned(deed, seen with { Version = 0 }, passed, write) : Versioned(deed, seen, passed, write);

    private Cell Versioned(Deed deed, Cell seen, bool passed, int write) => deed switch
    {
        Deed.Delete when @case.NoTombstones => default,
        Deed.Delete => new Cell(KeyForm.Tombstone, -1, seen.Version + 1, false, false, 0, write),
        Deed.Set => new Cell(KeyForm.Value, SetValue, seen.Version + 1, false, false, 0, write),
        Deed.SetExpiring => new Cell(KeyForm.Value, SetValue, seen.Version + 1, true, @case.DropsExpired, 0, write),
        _ => new Cell(KeyForm.Value, Math.Max(seen.Visible(passed), 0) + 1, seen.Version + 1, false, false, 0, write),
    };

    private HandOffMove Next(State state, int actor, Act act, MovePhase phase)
    {
        var at = state.Actors[actor];
        var aim = act.Deed switch
        {
            Deed.Read => HandOffAim.Read,
            Deed.Copy => HandOffAim.Move,
            Deed.CopyAhead => HandOffAim.Ahead,
            _ => HandOffAim.Write,
        };
        return @case.Protocol(phase, aim, Seen(state, actor, KeyOf(act, at)), at.Acted);
    }

    private static int KeyOf(Act act, Progress at) => act.Deed is Deed.Copy or Deed.CopyAhead or Deed.IncrementBoth ? at.Key : act.Key;

    private static KeyView Seen(State state, int actor, int key) => new(
        state.SeenSource[(actor * 2) + key]?.Seen, state.SeenTarget[(actor * 2) + key]?.Seen, state.Confirmed[(actor * 2) + key]);

    /// <summary>An act writes once.</summary>
    private static int WriteOf(int actor, Progress at) => (actor * 2) + at.Act + 1;

    private static bool Put(State state, int actor, int key, bool onSource, Cell next)
    {
        var cells = onSource ? state.Source : state.Target;
        var seen = (onSource ? state.SeenSource : state.SeenTarget)[(actor * 2) + key];
        if (seen is { } expected && !Compares(cells[key], expected))
        {
            Forget(state, (actor * 2) + key, 1);
            return false;
        }

        cells[key] = next with { Revision = cells[key].Revision + 1 };
        (onSource ? state.SeenSource : state.SeenTarget)[(actor * 2) + key] = cells[key];
        return true;
    }

    /// <summary>What is absent is the same whenever it became so.</summary>
    private static bool Compares(Cell there, Cell seen) =>
        seen.Form == KeyForm.Absent ? there.Form == KeyForm.Absent : there.Form != KeyForm.Absent && there.Revision == seen.Revision;

    /// <summary>A store alone, as instances use it that know of no move: they write without a look, and delete for good.</summary>
    private bool Plain(State state, int actor, Act act, bool onTarget)
    {
        var cells = onTarget ? state.Target : state.Source;
        var slots = onTarget ? state.SeenTarget : state.SeenSource;
        var slot = (actor * 2) + act.Key;
        if (act.Deed is Deed.Set or Deed.SetExpiring)
        {
            // Versions are by the clock, which may be behind.
            var expires = act.Deed == Deed.SetExpiring;
            cells[act.Key] = new Cell(KeyForm.Value, SetValue, 1, expires, expires, cells[act.Key].Revision + 1, WriteOf(actor, state.Actors[actor]));
            return Finish(state, actor, act, 0);
        }

        if (slots[slot] is not { } seen)
        {
            slots[slot] = seen = cells[act.Key];
            return act.Deed == Deed.Read || (act.Deed == Deed.Delete && seen.Visible(state.Passed) < 0)
                ? Finish(state, actor, act, Monitor.AnswerOf(act.Deed, seen.Visible(state.Passed)))
                : true;
        }

        var old = seen.Visible(state.Passed);
        var next = act.Deed == Deed.Delete ? default : new Cell(
            KeyForm.Value, Math.Max(old, 0) + 1, seen.Version + 1, false, false, 0, WriteOf(actor, state.Actors[actor]));
        var compares = Compares(cells[act.Key], seen);
        slots[slot] = null;
        if (compares)
        {
            cells[act.Key] = next with { Revision = cells[act.Key].Revision + 1 };
        }

        return !compares || Finish(state, actor, act, Monitor.AnswerOf(act.Deed, old));
    }

    private static void Forget(State state, int actor) => Forget(state, actor * 2, 2);

    private static void Forget(State state, int slot, int count)
    {
        Array.Clear(state.SeenSource, slot, count);
        Array.Clear(state.SeenTarget, slot, count);
        Array.Clear(state.Confirmed, slot, count);
    }

    private bool Finish(State state, int actor, Act act, int answer)
    {
        if (act.Deed is not (Deed.Copy or Deed.CopyAhead))
        {
            state.Configs = Monitor.Answered(Monitor.Close(state.Configs, Explorer.Out(@case, state), state.Passed), actor, answer);
        }

        ref var at = ref state.Actors[actor];
        var isLast = at.Act + 1 == @case.Actors[actor].Acts.Length;
        at = new Progress(isLast ? Life.Ended : Life.Runs, isLast ? at.Act : at.Act + 1, 0, false, false, at.Counts, 0);
        Forget(state, actor);
        return state.Configs.Length > 0;
    }
}
