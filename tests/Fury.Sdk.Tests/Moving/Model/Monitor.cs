namespace Fury.Sdk.Tests.Moving.Model;

/// <summary>
/// Which single registers, one thing at a time, could have given the answers so far: each is the values of the keys and, for each actor whose call is
/// out, the answer if it has happened already. Packed into one number: a key has 5 bits (value + 1, expires), an actor 7 (answer + 1).
/// </summary>
internal static class Monitor
{
    private const int KeyBits = 5;
    private const int ActorsFrom = 2 * KeyBits;
    private const int ActorBits = 7;

    public static ulong Start(int keys, int value, bool expires)
    {
        var config = 0UL;
        for (var key = 0; key < keys; key++)
        {
            config = With(config, key, value, expires);
        }

        return config;
    }

    /// <summary>All that could be after any of the calls that are out have happened.</summary>
    public static ulong[] Close(ulong[] configs, IReadOnlyList<(int Actor, Act Act)> pending, bool passed)
    {
        var all = new HashSet<ulong>(configs);
        var open = new Stack<ulong>(configs);
        while (open.TryPop(out var config))
        {
            foreach (var (actor, act) in pending)
            {
                if (Answer(config, actor) == 0 && Apply(config, actor, act, passed) is var next && all.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return [.. all];
    }

    /// <summary>Those in which the actor's call has happened with this answer; empty: there is no such register.</summary>
    public static ulong[] Answered(ulong[] configs, int actor, int answer) =>
        [.. configs.Where(config => Answer(config, actor) == answer + 1).Select(config => Clear(config, actor)).Distinct().Order()];

    /// <summary>What a call answers that finds these values; -1 is absent.</summary>
    public static int AnswerOf(Deed deed, int old, int other = 0) => deed switch
    {
        Deed.Read => old + 1,
        Deed.Increment => Math.Max(old, 0) + 1,
        Deed.Delete => old >= 0 ? 1 : 0,
        Deed.IncrementBoth => ((Math.Max(old, 0) + 1) * 11) + Math.Max(other, 0) + 1,
        _ => 0,
    };

    private static ulong Apply(ulong config, int actor, Act act, bool passed)
    {
        var key = act.Key;
        var old = Visible(config, key, passed);
        var other = act.Deed == Deed.IncrementBoth ? Visible(config, 1, passed) : 0;
        config |= (ulong)(AnswerOf(act.Deed, old, other) + 1) << (ActorsFrom + (actor * ActorBits));
        return act.Deed switch
        {
            Deed.Increment => With(config, key, Math.Max(old, 0) + 1, false),
            Deed.Delete => With(config, key, -1, false),
            Deed.Set => With(config, key, Machine.SetValue, false),
            Deed.SetExpiring => With(config, key, Machine.SetValue, true),
            Deed.IncrementBoth => With(With(config, 0, Math.Max(old, 0) + 1, false), 1, Math.Max(other, 0) + 1, false),
            _ => config,
        };
    }

    private static int Visible(ulong config, int key, bool passed)
    {
        var bits = (int)(config >> (key * KeyBits)) & 31;
        return passed && (bits & 16) != 0 ? -1 : (bits & 15) - 1;
    }

    private static ulong With(ulong config, int key, int value, bool expires) =>
        (config & ~(31UL << (key * KeyBits))) | ((ulong)((value + 1) | (expires ? 16 : 0)) << (key * KeyBits));

    private static int Answer(ulong config, int actor) => (int)(config >> (ActorsFrom + (actor * ActorBits))) & 127;

    private static ulong Clear(ulong config, int actor) => config & ~(127UL << (ActorsFrom + (actor * ActorBits)));
}
