using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Planning;

/// <summary>From what a caller writes to a <see cref="Route"/>. Bad fields are noted, each with its place.</summary>
internal static class Steps
{
    private const int StepsMax = 50;
    private const int PlacesMax = 100;
    private const int SecondsMax = 604_800;
    private const int WordMax = 100;
    private const string LocationExpected = "provider/region/group, e.g. local/this-machine/instances";

    public static Route RouteOf(Strategy strategy, Policy policy, DeploymentRequest request, Validation check)
    {
        var isStepped = strategy is Strategy.Canary or Strategy.Safe or Strategy.Migration;
        var isMigration = strategy == Strategy.Migration;
        check.Require(request.Steps is null || isStepped, Word.Of(strategy), "canary, safe or migration, where steps are given", "strategy");
        check.Require(request.Locations is null || !isMigration, null, "no locations of a migration: from and to", "locations");
        check.Require(request.From is null || isMigration, request.From, "nothing, but for a migration", "from");
        check.Require(request.ReplicaRatio is null or (>= 0.1m and <= 10), request.ReplicaRatio, "0.1 to 10", "replicaRatio");
        check.Require(isMigration == request.To is not null, request.To, isMigration ? LocationExpected : "nothing, but for a migration", "to");
        return new Route(StepsOf(policy, request.Steps, check), PlacesOf(request.Locations, check))
        {
            Relocation = isMigration && request.To is not null
                ? new(
                    request.From is null ? null : LocationOf(request.From, "from", check),
                    LocationOf(request.To, "to", check),
                    request.ReplicaRatio ?? 1)
                : null,
        };
    }

    private static Step[] StepsOf(Policy policy, IReadOnlyList<StepRequest>? steps, Validation check)
    {
        check.Require(steps is null or { Count: >= 1 and <= StepsMax }, steps?.Count, $"1 to {StepsMax} steps", "steps");
        if (steps is null || steps.Count > StepsMax)
        {
            return [];
        }

        var read = steps.Select((step, index) => StepOf(policy, step, $"steps[{index}]", check)).ToArray();
        check.Require(
            read is [] || read[^1].Locations.Count > 0 || read[^1].Weight == 100,
            read.LastOrDefault()?.Weight,
            "100 in the last step",
            $"steps[{read.Length - 1}].weight");
        return read;
    }

    private static Step StepOf(Policy policy, StepRequest step, string at, Validation check)
    {
        check.Require(IsPercent(step.Weight), step.Weight, "0 to 100, with at most two decimals", $"{at}.weight");
        check.Require(
            step.Capacity is null || (IsPercent(step.Capacity) && step.Capacity >= step.Weight), step.Capacity, "the weight to 100", $"{at}.capacity");
        check.Require(step.Seconds is null or (>= 0 and <= SecondsMax), step.Seconds, $"0 to {SecondsMax}", $"{at}.seconds");
        check.Require(step.DeadlineSeconds is null or (>= 1 and <= SecondsMax), step.DeadlineSeconds, $"1 to {SecondsMax}", $"{at}.deadlineSeconds");
        var (weight, locations) = (step.Weight ?? 0, step.Locations ?? []);
        return new(
            weight,
            check.Choice(step.Gate, Gate.Timed, $"{at}.gate"),
            step.Seconds ?? policy.JudgeSeconds,
            step.DeadlineSeconds ?? policy.StepDeadlineSeconds,
            check.Choice(step.OnFail, policy.OnFail, $"{at}.onFail"),
            step.Capacity ?? weight,
            [.. locations.Select((location, index) => LocationOf(location, $"{at}.locations[{index}]", check))]);
    }

    private static Place[] PlacesOf(IReadOnlyList<PlaceRequest>? places, Validation check)
    {
        check.Require(places is null or { Count: >= 1 and <= PlacesMax }, places?.Count, $"1 to {PlacesMax} locations", "locations");
        if (places is null or [] || places.Count > PlacesMax)
        {
            return [];
        }

        var locations = places.Select((place, index) => LocationOf(place.Location, $"locations[{index}].location", check)).ToList();
        var twice = locations.GroupBy(location => location).FirstOrDefault(same => same.Count() > 1)?.Key;
        check.Require(twice is null, twice, "each location once", "locations");
        if (places.All(place => place.Share is null))
        {
            return [.. Equal(places.Count).Zip(locations, (share, location) => new Place(location, share))];
        }

        for (var index = 0; index < places.Count; index++)
        {
            var share = places[index].Share;
            check.Require(share > 0 && IsPercent(share), share, "over 0 to 100, with at most two decimals", $"locations[{index}].share");
        }

        var sum = places.Sum(place => place.Share ?? 0);
        check.Require(sum == 100, sum, "shares that add up to 100", "locations");
        return [.. places.Zip(locations, (place, location) => new Place(location, place.Share ?? 0))];
    }

    /// <summary>Hundredths of a percent, as equal as they can be; what is left over is the first ones'.</summary>
    private static IEnumerable<decimal> Equal(int count) =>
        Enumerable.Range(0, count).Select(index => ((10_000 / count) + (index < 10_000 % count ? 1 : 0)) / 100m);

    private static Location LocationOf(string? text, string field, Validation check)
    {
        var parts = (text ?? "").Split('/');
        var isGood = parts.Length == 3 && parts.All(part => part.Length is > 0 and <= WordMax && !part.Any(letter => char.IsControl(letter) || letter == ' '));
        check.Require(isGood, text, LocationExpected, field);
        return isGood ? new(parts[0], parts[1], parts[2]) : new("", "", "");
    }

    private static bool IsPercent(decimal? percent) => percent is >= 0 and <= 100 && decimal.Round(percent.Value, 2) == percent;
}
