using Fury.Kernel;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>Who calls the cloud, and for what.</summary>
internal readonly record struct Caller(SimulatedProcess Process, SagaId Saga, int Number, string Step, Guid Token, long Fence, CancellationToken Cancellation)
{
    public static Caller Of(SimulatedProcess process, StepContext<Plan> x, string step) =>
        new(process, x.Saga, x.Input.Number, step, x.Token, x.Fence, x.Cancellation);
}

/// <summary>What one token stands for.</summary>
internal sealed class Thing(Guid token, long saga, string step)
{
    public Guid Token => token;

    public long Saga => saga;

    public string Step => step;

    public int Made { get; set; }

    public bool IsLive { get; set; }

    /// <summary>It was removed, or never was and will never be: a call that was long under way makes nothing any more.</summary>
    public bool IsGone { get; set; }
}

/// <summary>
/// What the sagas act on. It knows tokens again, refuses an older owner than it has seen (as our own services do), and does all else that
/// clouds do: it refuses, throttles, loses answers, works long after its caller gave up, and never answers.
/// </summary>
internal sealed class SimulatedCloud(Simulator simulator, SimulatedPostgres database)
{
    /// <summary>A call is done by then, if it ever is.</summary>
    public static readonly TimeSpan UnderWayMax = TimeSpan.FromSeconds(30);

    /// <summary>A host that was declared dead, and knows it, may not begin a call later than this.</summary>
    private static readonly TimeSpan ZombieMax = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<(long Saga, string Step), Thing> _things = [];
    private readonly Dictionary<long, long> _fences = [];
    private readonly Dictionary<string, long> _holders = new(StringComparer.Ordinal);
    private readonly Dictionary<long, TimeSpan> _readyAt = [];

    /// <summary>From 0 (all well) to 1.</summary>
    public double Storm { get; set; }

    public int Calls { get; private set; }

    public int Faults { get; private set; }

    /// <summary>A saga has ended, and its key is another's.</summary>
    public void Ended(SagaTuple saga)
    {
        if (_holders.GetValueOrDefault(saga.Key) == saga.Id)
        {
            _holders.Remove(saga.Key);
        }
    }

    public Thing? Find(long saga, string step) => _things.GetValueOrDefault((saga, step));

    public Task<Outcome<string>> Make(Caller caller, bool once, bool forward) => Call<string>(caller, Temper(caller, forward), () =>
    {
        var thing = Reach(caller, out var refused);
        if (thing is null)
        {
            return refused!;
        }

        if (thing.IsGone)
        {
            return Fault.Conflict("It was removed.");
        }

        if (once && thing.Made > 0)
        {
            simulator.Violated($"Step '{caller.Step}' of saga {caller.Saga} can be done only once and was done twice");
        }

        thing.Made++;
        thing.IsLive = true;
        return $"{caller.Step}-{thing.Token}";
    });

    public async Task<Outcome> Remove(Caller caller)
    {
        var stubborn = Hash(caller, 7) % 100 == 0 && Storm > 0;
        var removed = await Call<string>(caller, stubborn ? Mood.Unavailable : Temper(caller, true), () =>
        {
            var thing = Reach(caller, out var refused);
            if (thing is null)
            {
                return refused!;
            }

            (thing.IsLive, thing.IsGone) = (false, true);
            return "removed";
        });
        return removed.IsOk ? Outcome.Ok : removed.Fault;
    }

    /// <summary>Whether what the saga waits for is there. For some it never is.</summary>
    public Task<Outcome<bool>> IsReady(Caller caller, bool surely) =>
        Call<bool>(caller, Temper(caller, true), () => IsReady(caller.Saga.Value, Hash(caller, 3), surely));

    /// <summary>The same for many; those that are not ready are missing in the answer.</summary>
    public async Task<Outcome<IReadOnlyDictionary<long, string>>> States(
        SimulatedProcess process, IReadOnlyList<long> sagas, CancellationToken cancellation)
    {
        var caller = new Caller(process, new SagaId(-1), (int)simulator.Now.Ticks, "states", default, 0, cancellation);
        var states = await Call<Dictionary<long, string>>(caller, Temper(caller, true), () =>
            sagas.Where(saga => IsReady(saga, unchecked((uint)saga * 2654435761), false)).ToDictionary(saga => saga, saga => $"ready-{saga}"));
        return states.IsOk ? states.Value : states.Fault;
    }

    private bool IsReady(long saga, uint hash, bool surely)
    {
        if (!_readyAt.TryGetValue(saga, out var at))
        {
            var never = !surely && hash % 25 == 0;
            _readyAt[saga] = at = never ? TimeSpan.MaxValue : simulator.Now + TimeSpan.FromMilliseconds(hash / 7 % 15_000);
        }

        return simulator.Now >= at;
    }

    private async Task<Outcome<T>> Call<T>(Caller caller, Mood mood, Func<Outcome<T>> work)
    {
        Begun(caller);
        var answer = new TaskCompletionSource<Outcome<T>>();
        var slow = mood is Mood.Hangs or Mood.Deaf ? UnderWayMax : TimeSpan.FromMilliseconds(simulator.Happens(0.02) ? 2000 : 100);
        var there = simulator.Between(TimeSpan.FromMilliseconds(1), slow);
        var back = simulator.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50));
        Faults += mood is Mood.Good or Mood.Refuses ? 0 : 1;
        simulator.After(there, () =>
        {
            if (Storm == 0 && mood is not (Mood.Good or Mood.Refuses))
            {
                mood = Mood.Good;
            }

            var outcome = mood switch
            {
                Mood.Refuses => Fault.Conflict("The cloud does not want it."),
                Mood.Unavailable => Fault.Unavailable("The cloud is busy."),
                Mood.Throttled => new Fault(FaultKind.Throttled, "Too many calls."),
                Mood.Breaks or Mood.Bug => default,
                Mood.Hangs or Mood.Deaf when simulator.Happens(0.5) => default,
                _ => work(),
            };
            simulator.After(mood is Mood.Deaf ? simulator.Between(back, TimeSpan.FromMinutes(2)) : back, () => Answer(answer, mood, outcome));
        });
        return mood is Mood.Deaf ? await answer.Task : await answer.Task.WaitAsync(caller.Cancellation);
    }

    private static void Answer<T>(TaskCompletionSource<Outcome<T>> answer, Mood mood, Outcome<T> outcome)
    {
        switch (mood)
        {
            case Mood.Hangs:
                break;
            case Mood.Bug:
                answer.TrySetException(new InvalidOperationException("A bug in a step."));
                break;
            case Mood.Breaks or Mood.AnswerLost or Mood.Deaf:
                answer.TrySetException(new IOException("The connection to the cloud broke."));
                break;
            case Mood.RefusesAfter:
                answer.TrySetResult(Fault.Conflict("The cloud did it and says no."));
                break;
            default:
                answer.TrySetResult(outcome);
                break;
        }
    }

    /// <summary>What must hold whenever a host begins a call.</summary>
    private void Begun(Caller caller)
    {
        Calls++;
        simulator.Note(caller.Saga.Value, caller.Fence);
        if (caller.Fence == 0 || !database.Live.TryGetValue(caller.Saga.Value, out var row))
        {
            return;
        }

        var host = database.HostOfFence(caller.Fence);
        if (host is { DeadSince: { } dead })
        {
            var since = dead > caller.Process.AwakeSince ? dead : caller.Process.AwakeSince;
            if (simulator.Now - since > ZombieMax)
            {
                simulator.Violated($"{host.Name} (host {host.Id}) calls for saga {caller.Saga} though its lease ended {simulator.Now - dead} ago");
            }

            return;
        }

        if (host is { Dead: true })
        {
            return;
        }

        if (caller.Fence < _fences.GetValueOrDefault(row.Id))
        {
            simulator.Violated($"Host {host?.Id}, which is alive, calls for saga {row.Id} with fence {caller.Fence}, lower than {_fences[row.Id]}");
        }

        if (_holders.TryGetValue(row.Key, out var holder) && holder != row.Id)
        {
            simulator.Violated($"Saga {row.Id} calls the cloud while saga {holder}, of the same key '{row.Key}', is in the midst of its work");
        }

        _holders[row.Key] = row.Id;
    }

    private Thing? Reach(Caller caller, out Fault? refused)
    {
        refused = null;
        var saga = caller.Saga.Value;
        if (caller.Fence < _fences.GetValueOrDefault(saga))
        {
            refused = Fault.Conflict("Another host owns the saga by now.");
            return null;
        }

        _fences[saga] = caller.Fence;
        if (!_things.TryGetValue((saga, caller.Step), out var thing))
        {
            _things[(saga, caller.Step)] = thing = new Thing(caller.Token, saga, caller.Step);
        }

        if (thing.Token != caller.Token)
        {
            simulator.Violated(
                $"Step '{caller.Step}' of saga {caller.Saga} came with token {caller.Token} and before with {thing.Token}: two things of one step");
        }

        return thing;
    }

    private Mood Temper(Caller caller, bool forward)
    {
        var character = Hash(caller, 1) % 100;
        if (!forward && character < 4)
        {
            return character == 0 ? Mood.RefusesAfter : Mood.Refuses;
        }

        var chance = Storm == 0 ? 1 : simulator.Chance.NextDouble() / Storm;
        return chance switch
        {
            < 0.02 => Mood.Breaks,
            < 0.04 => Mood.AnswerLost,
            < 0.06 => Mood.Unavailable,
            < 0.07 => Mood.Throttled,
            < 0.075 => Mood.Hangs,
            < 0.078 => Mood.Deaf,
            < 0.081 when !forward => Mood.Bug,
            _ => Mood.Good,
        };
    }

    /// <summary>Drawn once for a saga and a step.</summary>
    private uint Hash(Caller caller, uint salt)
    {
        var hash = unchecked((uint)simulator.Seed * 2654435761u) ^ salt;
        foreach (var part in caller.Step)
        {
            hash = unchecked((hash ^ part) * 16777619u);
        }

        hash = unchecked((hash ^ (uint)caller.Number) * 2246822519u);
        return hash ^ (hash >> 15);
    }

    private enum Mood
    {
        Good,
        Refuses,
        RefusesAfter,
        Unavailable,
        Throttled,
        Breaks,
        AnswerLost,
        Hangs,
        Deaf,
        Bug,
    }
}
