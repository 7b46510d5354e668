namespace Fury.Benchmarks;

/// <summary>What a figure or ratio should be.</summary>
/// <param name="AtLeast">Else at most.</param>
internal sealed record Target(string Name, double Bound, bool AtLeast)
{
    public static Target Min(string name, double bound) => new(name, bound, true);

    public static Target Max(string name, double bound) => new(name, bound, false);

    public bool IsMet(double value) => AtLeast ? value >= Bound : value <= Bound;
}
