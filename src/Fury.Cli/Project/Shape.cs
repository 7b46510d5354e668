using System.Text.RegularExpressions;
using Fury.Kernel;

namespace Fury.Cli.Project;

/// <summary>
/// What a value of <c>fury.yaml</c> may be. The reader of the file, its comparison with what the host has, and the JSON schema are all made of these
/// definitions, so that they can't say different things.
/// </summary>
internal abstract record Shape
{
    public string? Description { get; init; }

    /// <summary>Null may be said, and takes away what there is.</summary>
    public bool IsNullable { get; init; }

    /// <summary>The host never shows it, so it is never compared.</summary>
    public bool IsWriteOnly { get; init; }

    /// <summary>Ends the sentence "x must be …".</summary>
    public abstract string Expected { get; }
}

/// <summary>A mapping with known keys.</summary>
internal sealed record Fields(params (string Name, Shape Shape)[] All) : Shape
{
    public IReadOnlyList<string> Required { get; init; } = [];

    public override string Expected => $"a mapping of {string.Join(", ", All.Select(one => one.Name))}";

    public Shape? Find(string name) => All.FirstOrDefault(one => one.Name == name).Shape;
}

/// <summary>A mapping whose keys are names of the same kind.</summary>
internal sealed record Named(Text Key, Shape Of, string Example) : Shape
{
    public override string Expected => $"a mapping such as '{Example}'";
}

/// <param name="IsSet">The order means nothing.</param>
internal sealed record Many(Shape Of, bool IsSet = false) : Shape
{
    public override string Expected => $"a list, each {Of.Expected}";
}

/// <param name="Pattern">Of the whole text, without anchors; what .NET and ECMA-262 read in the same way.</param>
internal sealed record Text(string Phrase, string Pattern, int LengthMax) : Shape
{
    private readonly Regex _whole = new(@$"^(?:{Pattern})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public override string Expected => Phrase;

    public bool Fits(string text) => text.Length <= LengthMax && _whole.IsMatch(text);
}

/// <summary>Values of variables: any scalar, taken as it is written.</summary>
internal sealed record Free(int LengthMax) : Shape
{
    public override string Expected => $"one value of at most {LengthMax} characters";
}

internal sealed record Choice(params string[] Words) : Shape
{
    public override string Expected => $"one of {string.Join(", ", Words)}";

    public static Choice Of<T>()
        where T : struct, Enum => new([.. Word.All<T>()]);
}

internal sealed record Whole(long Least, long Most) : Shape
{
    public override string Expected => $"a whole number from {Least} to {Most}";
}

internal sealed record Number(double Least, double Most) : Shape
{
    public override string Expected => FormattableString.Invariant($"a number from {Least} to {Most}");
}

internal sealed record Flag : Shape
{
    public override string Expected => "true or false";
}

/// <summary>A moment, compared as one whatever its offset.</summary>
internal sealed record Moment : Shape
{
    public const string Pattern = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,7})?)?(Z|[+-][0-9]{2}:[0-9]{2})";

    public override string Expected => "a time such as 2026-12-23T18:00Z";
}
