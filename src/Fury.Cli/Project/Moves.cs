using System.Text.Json.Nodes;

namespace Fury.Cli.Project;

/// <summary>What is there.</summary>
/// <param name="Body">What the shape of the place knows of it.</param>
/// <param name="Tag">Its ETag, where the API has one.</param>
internal sealed record Found(Place Place, JsonObject Body, string? Tag = null);

/// <summary>What is done so that it is as the file says.</summary>
internal abstract record Move(Place Place);

internal sealed record Create(Place Place, JsonObject Body) : Move(Place);

/// <param name="Body">The whole of it afterwards.</param>
/// <param name="Before">What it is made of, and what must still be there.</param>
internal sealed record Change(Place Place, JsonObject Body, Found Before, IReadOnlyList<Difference> Fields) : Move(Place);

/// <summary>It is as the file says.</summary>
internal sealed record Keep(Place Place) : Move(Place);

/// <summary>The file does not name it, and it is to go.</summary>
internal sealed record Remove(Place Place) : Move(Place);

/// <summary>The file does not name it, and nobody has said that such things are to go.</summary>
internal sealed record Leave(Place Place) : Move(Place);

/// <summary>From a wish and what is there to what is done. Pure: the same for <c>fury diff</c> and <c>fury apply</c>.</summary>
internal static class Planner
{
    /// <summary>In the order in which they are done: makings and changes first, then removals in the reverse order.</summary>
    /// <param name="prune">What the file could name and does not is removed.</param>
    public static IReadOnlyList<Move> Plan(IReadOnlyList<Wish> wishes, IReadOnlyCollection<Found> there, bool prune)
    {
        var byPath = there.ToDictionary(one => one.Place.Path);
        var wished = wishes.Select(wish => wish.Place.Path).ToHashSet();
        var others = there.Where(one => !wished.Contains(one.Place.Path) && IsPrunable(one.Place.Thing))
            .OrderByDescending(one => one.Place.Thing).ThenBy(one => one.Place.Name, StringComparer.Ordinal);
        return
        [
            .. wishes.Select(wish => Of(wish, byPath.GetValueOrDefault(wish.Place.Path))),
            .. others.Select(Move (one) => prune ? new Remove(one.Place) : new Leave(one.Place)),
        ];
    }

    /// <summary>What has changed since it was seen, for people; empty when nothing has.</summary>
    public static IReadOnlyList<string> Since(IReadOnlyCollection<Found> seen, IReadOnlyCollection<Found> now)
    {
        var (before, after) = (seen.ToDictionary(one => one.Place.Path), now.ToDictionary(one => one.Place.Path));
        var gone = seen.Where(one => !after.ContainsKey(one.Place.Path)).Select(one => $"{one.Place} is gone.");
        var come = now.Where(one => !before.ContainsKey(one.Place.Path)).Select(one => $"{one.Place} has come.");
        var changed = now.Where(one => before.ContainsKey(one.Place.Path)).SelectMany(one => Since(before[one.Place.Path], one));
        return [.. gone, .. come, .. changed];
    }

    public static IEnumerable<string> Since(Found seen, Found now)
    {
        // What was there and is not any more is no wish: it is looked for from both sides.
        var back = Differences.Between(now.Place.Shape, seen.Body, now.Body).Select(one => new Difference(one.Field, one.New, one.Old));
        var fields = Differences.Between(now.Place.Shape, now.Body, seen.Body).Concat(back).DistinctBy(one => one.Field).ToList();
        return fields.Select(one => $"{now.Place}: {MoveText.Field(one)}");
    }

    private static Move Of(Wish wish, Found? there)
    {
        if (there is null)
        {
            return new Create(wish.Place, wish.Body);
        }

        var fields = Differences.Between(wish.Place.Shape, wish.Body, there.Body);
        return fields.Count == 0
            ? new Keep(wish.Place)
            : new Change(wish.Place, (JsonObject)Differences.Merge(wish.Place.Shape, wish.Body, there.Body)!, there, fields);
    }

    /// <summary>The API has no way to remove an application, a service or a scope; routing and dependencies are no things of their own.</summary>
    private static bool IsPrunable(Thing thing) => thing is Thing.Binding or Thing.Schedule or Thing.Freeze or Thing.Webhook;
}
