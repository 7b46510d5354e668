using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Services.Moves;

/// <summary>Where the data of a service is to move.</summary>
/// <param name="Route">The target. Its shape is that of a binding's route.</param>
/// <param name="Require">What the target must be able to do beyond what a move needs, e.g. <c>kv.ttl</c>; at most 20.</param>
/// <param name="KeysPerSecond">The copier's rate at most; as fast as it goes when not given.</param>
/// <param name="Evacuate">
/// Leaves the source at once, with what it has: it may be down. Gates that ask it are skipped. Of a move that is under way, to the same target: the rest of
/// it is left out. Once more, of a queue: also the messages that the source still has are left.
/// </param>
/// <param name="Reason">Why, for those who read it later; at most 500 characters.</param>
/// <param name="By">Who says so; at most 100 characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed partial record MoveRequest(
    RouteRequest? Route, IReadOnlyList<string?>? Require = null, double? KeysPerSecond = null, string? Reason = null, string? By = null,
    bool Evacuate = false)
{
    private const int RequireMax = 20;
    private const int ReasonLengthMax = 500;
    private const int ByLengthMax = 100;

    public Outcome<MoveWish> Read(string? application, string? scope, string? kind, string? service)
    {
        var validation = new Validation();
        validation.Require(Route is not null, Route, "where the data is to move, e.g. {\"driver\": \"redis\", \"endpoint\": \"redis://10.0.0.7\"}");
        validation.Require(
            Require is not { Count: > RequireMax } && (Require ?? []).All(each => each is not null && Named().IsMatch(each)),
            Require is null ? null : string.Join(", ", Require), $"at most {RequireMax} names of capabilities, such as kv.ttl", "require");
        validation.Require(KeysPerSecond is null or > 0 and < 1e9, KeysPerSecond, "more than 0 keys in a second");
        var wish = new MoveWish(
            BoundService.Read(validation, application, scope, kind, service),
            Route?.Read(validation, service ?? "") is { } route ? route with { Transport = Route.Transport ?? "" } : new("", "", null, "", "", null),
            [.. (Require ?? []).OfType<string>()],
            KeysPerSecond,
            validation.Note(Reason, ReasonLengthMax),
            validation.Note(By, ByLengthMax))
        {
            Evacuate = Evacuate ? 1 : 0,
        };
        return validation.Fault is { } fault ? fault : wish;
    }

    [GeneratedRegex(@"^[a-z][a-z0-9.-]{0,99}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Named();
}
