using Fury.Kernel;

namespace Fury.Deployments.Gates;

/// <summary>What requests about rules have in common.</summary>
internal static class Reading
{
    /// <summary>Whether these are one person: names that differ in capital letters only are.</summary>
    public static bool IsSame(string one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Who takes a rule back, and why.</summary>
/// <param name="By">1 to 100 printable characters.</param>
/// <param name="Reason">1 to 500 printable characters.</param>
internal sealed record LiftRequest(string? By, string? Reason);

/// <summary>The name of a freeze, or of a subscription to webhooks.</summary>
internal readonly record struct ShortName(string Value) : IName<ShortName>
{
    public static string Expected => ApplicationName.Expected;

    public static ShortName Parse(string? text) => new(ApplicationName.Parse(text).Value);

    public static bool TryParse(string? text, out ShortName name)
    {
        name = new(ApplicationName.TryParse(text, out var same) ? same.Value : "");
        return name.Value.Length > 0;
    }

    public override string ToString() => Value;
}
