using System.IO.Enumeration;
using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Gates;

/// <summary>Which scopes a rule is about: those that every list has. An empty list has all of them.</summary>
/// <param name="Scopes">Names, in which <c>*</c> stands for any letters: <c>production-*</c>.</param>
internal sealed record Selectors(
    IReadOnlyList<string> Teams,
    IReadOnlyList<ApplicationName> Applications,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<Criticality> Criticalities,
    IReadOnlyList<string> Providers,
    IReadOnlyList<string> Regions)
{
    /// <param name="place">One of the subject's locations; null when it has none.</param>
    public bool Cover(Subject subject, Location? place) =>
        Has(Teams, subject.Team)
        && Has(Applications, subject.Scope.Application)
        && (Scopes.Count == 0 || Scopes.Any(pattern => Matches(pattern, subject.Scope.Scope)))
        && Has(Criticalities, subject.Criticality)
        && Has(Providers, place?.Provider)
        && Has(Regions, place?.Region);

    private static bool Has<T>(IReadOnlyList<T> list, T? value) => list.Count == 0 || (value is not null && list.Contains(value));

    private static bool Matches(string pattern, ScopeName scope) => FileSystemName.MatchesSimpleExpression(pattern, scope.Value, ignoreCase: false);
}

/// <summary>What a caller says of <see cref="Selectors"/>; what is left out is all.</summary>
internal sealed record SelectorsRequest(
    IReadOnlyList<string?>? Teams = null,
    IReadOnlyList<string?>? Applications = null,
    IReadOnlyList<string?>? Scopes = null,
    IReadOnlyList<string?>? Criticalities = null,
    IReadOnlyList<string?>? Providers = null,
    IReadOnlyList<string?>? Regions = null)
{
    public const int EntriesMax = 100;

    private const int WordLengthMax = 60;
    private const int PatternLengthMax = 40;

    /// <summary>On a bad entry the check has a fault, and the result must not be used.</summary>
    public Selectors Read(Validation check, string field) => new(
        Words(check, Teams, $"{field}.teams"),
        List(check, Applications, $"{field}.applications", check.Name<ApplicationName>),
        Patterns(check, Scopes, $"{field}.scopes"),
        List(check, Criticalities, $"{field}.criticalities", (text, at) => check.Choice(text ?? "", Criticality.Low, at)),
        Words(check, Providers, $"{field}.providers"),
        Words(check, Regions, $"{field}.regions"));

    public static IReadOnlyList<string> Words(Validation check, IReadOnlyList<string?>? given, string field) => List(check, given, field, (text, at) =>
    {
        check.Require(text is { Length: > 0 and <= WordLengthMax } && !text.Any(char.IsControl), text, $"1 to {WordLengthMax} printable characters", at);
        return text!;
    });

    public static IReadOnlyList<string> Patterns(Validation check, IReadOnlyList<string?>? given, string field) => List(check, given, field, (text, at) =>
    {
        var isPattern = text is { Length: > 0 and <= PatternLengthMax }
            && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '*');
        check.Require(isPattern, text, $"the name of a scope, in which * stands for any letters, at most {PatternLengthMax} of them", at);
        return text!;
    });

    public static IReadOnlyList<T> List<T>(Validation check, IReadOnlyList<string?>? given, string field, Func<string?, string, T> read)
    {
        check.Require(given is null or { Count: <= EntriesMax }, $"{given?.Count} entries", $"at most {EntriesMax} entries", field);
        return [.. (given ?? []).Take(EntriesMax).Select((text, index) => read(text, $"{field}[{index}]")).Distinct()];
    }
}
