using System.Text.Json.Nodes;
using Fury.Cli.Project;
using Fury.Kernel;

namespace Fury.Cli.Tests;

/// <summary>Whatever is wished and whatever is there: what the plan does leads to where there is nothing more to do.</summary>
public sealed class PlannerTests
{
    private static readonly string[] Words = ["a", "bb", "ccc", "7", "2026-12-23T18:00Z"];

    [Fact]
    public void After_what_a_plan_does_there_is_nothing_to_do()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (wishes, there, prune) = (Wished(random), There(random), random.Next(2) == 0);

            var plan = Planner.Plan(wishes, there, prune);
            var after = Done(plan, there);
            var again = Planner.Plan(wishes, after, prune);

            Assert.True(!again.Any(MoveText.IsWork), $"seed {seed}: {string.Join('\n', again.SelectMany(move => MoveText.Lines(move, false)))}");
            Assert.Equal(wishes.Count, plan.Count(move => move is Create or Change or Keep));
            Assert.DoesNotContain(plan, move => prune ? move is Leave : move is Remove);
        }
    }

    [Fact]
    public void A_plan_names_each_thing_once_and_what_stands_on_another_comes_after_it()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var plan = Planner.Plan(Wished(random), There(random), true);

            Assert.Equal(plan.Count, plan.DistinctBy(move => move.Place.Path).Count());
            var made = plan.Where(move => move is not Remove).Select(move => move.Place.Thing).ToList();
            Assert.Equal(made.Order(), made);
            var removed = plan.OfType<Remove>().Select(move => move.Place.Thing).ToList();
            Assert.Equal(removed.OrderDescending(), removed);
        }
    }

    [Fact]
    public void What_has_not_changed_is_no_news_and_what_has_is()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var there = There(new Random(seed));
            Assert.Empty(Planner.Since(there, there));
            Assert.Equal(there.Count > 0, Planner.Since(there, []).Count > 0);
        }

        var place = Place.OfScope(ScopeRef.Parse("shop/production-web"));
        Assert.Equal(
            ["scope shop/production-web: minReplicas: 2 -> 3"],
            Planner.Since(new Found(place, new() { ["minReplicas"] = 2 }), new Found(place, new() { ["minReplicas"] = 3 })));
        Assert.Equal(
            ["scope shop/production-web: healthPath: /a -> (none)"],
            Planner.Since(new Found(place, new() { ["healthPath"] = "/a" }), new Found(place, [])));
    }

    private static List<Found> Done(IReadOnlyList<Move> plan, IReadOnlyList<Found> there)
    {
        var after = there.ToDictionary(one => one.Place.Path);
        foreach (var move in plan)
        {
            switch (move)
            {
                case Create create: after[move.Place.Path] = new(move.Place, Kept(create.Body)); break;
                case Change change: after[move.Place.Path] = new(move.Place, Kept(change.Body)); break;
                case Remove: after.Remove(move.Place.Path); break;
            }
        }

        return [.. after.Values];
    }

    /// <summary>A host keeps no nulls and no secrets.</summary>
    private static JsonObject Kept(JsonObject body)
    {
        var kept = (JsonObject)Differences.Merge(new Fields(), body, null)!;
        foreach (var gone in kept.Where(one => one.Value is null || one.Key == "secretFile").Select(one => one.Key).ToList())
        {
            kept.Remove(gone);
        }

        return kept;
    }

    private static IReadOnlyList<Wish> Wished(Random random) =>
        [.. Places(random).Select(place => new Wish(place, (JsonObject)Some(place.Shape, random, 0)!)).OrderBy(wish => wish.Place.Thing)];

    private static IReadOnlyList<Found> There(Random random) =>
        [.. Places(random).Select(place => new Found(place, Kept((JsonObject)Some(place.Shape, random, 0)!)))];

    private static IEnumerable<Place> Places(Random random)
    {
        var scope = ScopeRef.Parse("shop/production-web");
        Place[] all =
        [
            Place.OfApplication(scope.Application), Place.OfService(scope.Application, "queue", "orders"), Place.OfScope(scope), Place.OfRouting(scope),
            Place.OfDependencies(scope), Place.OfBinding(scope, "queue", "orders"), Place.OfBinding(scope, "queue", "others"),
            Place.OfSchedule(scope, "nightly"), Place.OfFreeze("weekend"), Place.OfFreeze("holidays"), Place.OfWebhook("chat"),
        ];
        return all.Where(_ => random.Next(3) > 0);
    }

    private static JsonNode? Some(Shape shape, Random random, int depth) => shape switch
    {
        { IsNullable: true } when random.Next(4) == 0 => null,
        Fields fields => new JsonObject(fields.All.Where(_ => random.Next(2) == 0)
            .Select(one => KeyValuePair.Create(one.Name, Some(one.Shape, random, depth + 1)))),
        Named named => new JsonObject(Words.Where(_ => random.Next(2) == 0).Select(word => KeyValuePair.Create(word, Some(named.Of, random, depth + 1)))),
        Many many => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Some(many.Of, random, depth + 1))]),
        Whole whole => whole.Least + random.Next(3),
        Number number => number.Least + (random.Next(3) / 2.0),
        Flag => random.Next(2) == 0,
        Moment => Words[^1],
        Choice choice => choice.Words[random.Next(choice.Words.Length)],
        _ => Words[random.Next(Words.Length)],
    };
}
