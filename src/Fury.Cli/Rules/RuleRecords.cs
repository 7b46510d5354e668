using System.CommandLine;

namespace Fury.Cli.Rules;

internal sealed record SelectorsRecord(
    IReadOnlyList<string> Teams,
    IReadOnlyList<string> Applications,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> Criticalities,
    IReadOnlyList<string> Providers,
    IReadOnlyList<string> Regions)
{
    public override string ToString()
    {
        var lists = new[] { Teams, Applications, Scopes, Criticalities, Providers, Regions }.Where(list => list.Count > 0).ToList();
        return lists.Count == 0 ? "everything" : string.Join("; ", lists.Select(list => string.Join(", ", list)));
    }
}

internal sealed record RecurrenceRecord(string Cron, string TimeZone, int Minutes);

/// <param name="Until">When <paramref name="IsNow"/> changes.</param>
internal sealed record FreezeRecord(
    string Name,
    string Kind,
    SelectorsRecord Covers,
    DateTimeOffset? From,
    DateTimeOffset? To,
    RecurrenceRecord? Recurs,
    string InFlight,
    string Reason,
    string By,
    bool IsNow,
    DateTimeOffset? Until);

internal sealed record OverrideRecord(
    string Id, string Application, string? Scope, DateTimeOffset Until, string Reason, string AskedBy, string? ConfirmedBy);

internal sealed record VetoRecord(string Version, string Reason, string By, DateTimeOffset At);

internal sealed record ScopeRecord(string Application, string Scope);

internal sealed record PinRecord(ScopeRecord Scope, string Reason, string By, DateTimeOffset At);

internal sealed record ApprovalStandingRecord(int Needed, int Given, string? RejectedBy);

internal sealed record ApprovalsRecord(ApprovalStandingRecord ToBegin, ApprovalStandingRecord ToFinalise);

/// <summary>Options of every rule.</summary>
internal static class RuleOptions
{
    public static Option<string> Reason() => new("--reason") { Description = "Why, for the record.", HelpName = "TEXT", Required = true };

    /// <summary>Repeated for each; without any it is all of them.</summary>
    public static Option<string[]> Each(string name, string description) => new(name) { Description = $"{description} Repeat it for each.", HelpName = "NAME" };
}
