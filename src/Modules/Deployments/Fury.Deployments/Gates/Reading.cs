using Fury.Kernel;

namespace Fury.Deployments.Gates;

/// <summary>Reads what requests about rules have in common, and notes what is bad.</summary>
internal static class Reading
{
    public const int PersonLengthMax = 100;
    public const int ReasonLengthMax = 500;

    /// <summary>A person, as the caller names it: nobody checks yet that it is the caller.</summary>
    public static string Person(this Validation check, string? by) => check.Line(by, PersonLengthMax, "by");

    public static string Reason(this Validation check, string? reason) => check.Line(reason, ReasonLengthMax, "reason");

    public static string Line(this Validation check, string? text, int lengthMax, string field)
    {
        var line = text?.Trim() ?? "";
        check.Require(line.Length > 0 && line.Length <= lengthMax && !line.Any(char.IsControl), text, $"1 to {lengthMax} printable characters", field);
        return line;
    }

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
