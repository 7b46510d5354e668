using System.Text.Json.Serialization;
using Fury.Deployments.Contracts;
using Fury.Deployments.Gates;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;

namespace Fury.Deployments.Campaigns;

/// <param name="Scope"><c>application/scope</c>.</param>
/// <param name="Version">The version that the scope runs, with its settings as they are then, when left out.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TargetRequest(string? Scope, string? Version = null);

/// <summary>What a caller says of a campaign.</summary>
/// <param name="Name">Of its own: the same request again is the same campaign.</param>
/// <param name="By">Who asks, 1 to 100 printable characters; they can not approve its deployments. A proven name stands instead.</param>
/// <param name="Strategy"><c>all-in</c>, <c>blue-green</c>, <c>canary</c> or <c>safe</c>, for each deployment.</param>
/// <param name="Targets">1 to 2000, each scope once. The least critical have their turn first, then as they are given.</param>
/// <param name="Waves">
/// Sizes of the first waves, at most 20 of 1 to 2000; 1, 5, 20 when left out. Later ones are as big as <paramref name="MaxConcurrent"/>.
/// </param>
/// <param name="MaxConcurrent">So many deployments are in flight at once at most, 1 to 200; 50 when left out.</param>
/// <param name="StopAfter">At so many failures it stops, 1 to 2000; 3 when left out.</param>
/// <param name="OnStop"><c>finish</c> (when left out) or <c>abort</c>: what becomes of deployments in flight.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CampaignRequest(
    string? Name,
    string? By,
    string? Strategy,
    IReadOnlyList<TargetRequest?>? Targets,
    PolicyRequest? Policy = null,
    IReadOnlyList<int>? Waves = null,
    int? MaxConcurrent = null,
    int? StopAfter = null,
    string? OnStop = null)
{
    private const int TargetsMax = 2_000;
    private const int WavesMax = 20;
    private const int ConcurrentMax = 200;
    private const int ConcurrentDefault = 50;
    private const int StopAfterDefault = 3;

    private static readonly IReadOnlyList<int> WavesDefault = [1, 5, 20];

    /// <summary>The campaign, and its targets as they are given: not in their order yet.</summary>
    /// <param name="sources">Of metrics, that this host knows.</param>
    public Outcome<(Campaign Campaign, IReadOnlyList<Target> Targets)> Read(IReadOnlyDictionary<string, SourceKind> sources, DateTimeOffset now)
    {
        var check = new Validation();
        var strategy = Policies.StrategyOf(Strategy, check);
        check.Require(strategy != Contracts.Strategy.Migration, Strategy, "all-in, blue-green, canary or safe: a migration is one scope's", "strategy");
        Policies.Of(strategy, Policy, check, sources);
        var waves = Waves ?? WavesDefault;
        check.Require(waves.Count <= WavesMax, $"{waves.Count} entries", $"at most {WavesMax} entries", "waves");
        foreach (var (size, index) in waves.Take(WavesMax).Select((size, index) => (size, index)))
        {
            check.Require(size is >= 1 and <= TargetsMax, size, $"1 to {TargetsMax}", $"waves[{index}]");
        }

        check.Require(MaxConcurrent is null or (>= 1 and <= ConcurrentMax), MaxConcurrent, $"1 to {ConcurrentMax}", "maxConcurrent");
        check.Require(StopAfter is null or (>= 1 and <= TargetsMax), StopAfter, $"1 to {TargetsMax}", "stopAfter");
        check.Require(Targets is { Count: >= 1 and <= TargetsMax }, $"{Targets?.Count ?? 0} entries", $"1 to {TargetsMax} entries", "targets");
        var name = check.Name<ShortName>(Name).Value;
        var by = check.Person(By);
        var onStop = check.Choice(OnStop, Campaigns.OnStop.Finish);
        var targets = ReadTargets(check);
        if (check.Fault is { } bad)
        {
            return bad;
        }

        var concurrent = MaxConcurrent ?? ConcurrentDefault;
        var sizes = CampaignRules.Waves(waves, concurrent, targets.Count);
        var campaign = new Campaign(
            Guid.CreateVersion7(now), name, by, strategy, Policy, sizes, concurrent, StopAfter ?? StopAfterDefault, onStop, now)
        {
            Why = $"Wave 1 of {sizes.Count}.",
        };
        return (campaign, targets);
    }

    private List<Target> ReadTargets(Validation check)
    {
        List<Target> targets = [];
        Dictionary<ScopeRef, int> places = [];
        foreach (var (wanted, place) in (Targets ?? []).Take(TargetsMax).Select((wanted, place) => (wanted, place)))
        {
            var isScope = ScopeRef.TryParse(wanted?.Scope, out var scope);
            check.Require(isScope, wanted?.Scope, "application/scope", $"targets[{place}].scope");
            var isFirst = !isScope || places.TryAdd(scope!, place);
            check.Require(isFirst, scope, $"given once: it is targets[{(isFirst ? place : places[scope!])}] too", $"targets[{place}].scope");
            VersionName? version = wanted?.Version is { } text ? check.Name<VersionName>(text, $"targets[{place}].version") : null;
            if (isScope)
            {
                targets.Add(new(place, 0, scope!, version));
            }
        }

        return targets;
    }
}
