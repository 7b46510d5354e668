using System.Text;
using Fury.Sdk.Moving;

namespace Fury.Sdk.Tests.Moving.Model;

/// <summary>What one store has under a key.</summary>
/// <param name="Value">-1: nothing that lives; of what is frozen too.</param>
/// <param name="Droppable">Its provider was told when it expires.</param>
/// <param name="Revision">Another one after each write.</param>
/// <param name="Write">By which act of which actor.</param>
internal readonly record struct Cell(KeyForm Form, int Value, int Version, bool Expires, bool Droppable, int Revision, int Write)
{
    private static readonly Guid[] Writes = [.. Enumerable.Range(0, 64).Select(write => new Guid(write, 0, 0, new byte[8]))];

    public KeySeen Seen => new(Form, Version, Writes[Write]);

    public int Visible(bool passed) => Form is KeyForm.Value or KeyForm.Frozen && !(passed && Expires) ? Value : -1;

    public ulong Packed =>
        (ulong)Form | ((ulong)(Value + 1) << 4) | ((ulong)Version << 10) | (Expires ? 1UL << 18 : 0) | (Droppable ? 1UL << 19 : 0)
        | ((ulong)Revision << 20) | ((ulong)Write << 30);
}

internal enum Life
{
    Waits = 0,
    Runs = 1,
    Ended = 2,
    Dead = 3,
}

/// <summary>Where an actor is.</summary>
internal record struct Progress(Life Life, int Act, int Key, bool IsOut, bool Acted, bool Counts, int Answer);

/// <summary>All there is at a moment.</summary>
internal sealed class State
{
    public required Cell[] Source { get; init; }

    public required Cell[] Target { get; init; }

    public required Progress[] Actors { get; init; }

    /// <summary>What an actor has seen of a key: at [actor * 2 + key].</summary>
    public required Cell?[] SeenSource { get; init; }

    public required Cell?[] SeenTarget { get; init; }

    public required bool[] Confirmed { get; init; }

    public required ulong[] Configs { get; set; }

    public bool Passed { get; set; }

    public State Clone() => new()
    {
        Source = [.. Source],
        Target = [.. Target],
        Actors = [.. Actors],
        SeenSource = [.. SeenSource],
        SeenTarget = [.. SeenTarget],
        Confirmed = [.. Confirmed],
        Configs = Configs,
        Passed = Passed,
    };

    /// <summary>Two states of the same text go on alike.</summary>
    public string Text()
    {
        var text = new StringBuilder(200);
        text.Append(Passed ? 'p' : '-');
        foreach (var cell in Source.Concat(Target))
        {
            Add(cell.Packed);
        }

        for (var actor = 0; actor < Actors.Length; actor++)
        {
            var at = Actors[actor];
            text.Append((char)((int)at.Life | (at.Act << 2) | (at.Key << 5) | (at.IsOut ? 128 : 0) | (at.Acted ? 256 : 0) | (at.Counts ? 512 : 0)));
            text.Append((char)at.Answer);
            for (var key = 0; key < 2; key++)
            {
                Add(SeenSource[(actor * 2) + key]?.Packed ?? ulong.MaxValue);
                Add(SeenTarget[(actor * 2) + key]?.Packed ?? ulong.MaxValue);
                text.Append(Confirmed[(actor * 2) + key] ? 'c' : '-');
            }
        }

        foreach (var config in Configs)
        {
            Add(config);
        }

        return text.ToString();

        void Add(ulong number) => text.Append((char)number).Append((char)(number >> 16)).Append((char)(number >> 32)).Append((char)(number >> 48));
    }
}
