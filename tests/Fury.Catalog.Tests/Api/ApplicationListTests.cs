using Dapper;
using Fury.Access.Contracts;
using Fury.Catalog.Applications;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Tests.Api;

/// <summary>All pages of whatever somebody may see, against the same list made without a database.</summary>
public sealed class ApplicationListTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    private const int Seed = 20261128;
    private const int Rounds = 300;

    private const string FillSql = """
        insert into catalog.application (name, team, criticality, revision, created_at)
        select (array['pay', 'order', 'team'])[1 + number % 3] || '-' || lpad(to_hex(number * 37 % 256), 2, '0'), 'Team-' || number * number % 90,
               (array['low', 'medium', 'high', 'critical'])[1 + number % 4], 1, now()
          from generate_series(1, 200) as number
        """;

    private static readonly string?[] Searches = [null, "pay", "a", "team-1", "0", "nobody"];
    private static readonly Reach Everything = new(true, [], [], []);

    [Fact]
    public async Task Pages_hold_what_all_of_the_reaches_reach_each_once_and_in_order()
    {
        await using (var connection = await catalog.Get<IDatabase>().Source.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(FillSql);
        }

        var list = catalog.Get<ApplicationList>();
        var all = (await list.Read(null, new(null, PageQuery.LimitMax), [Everything], default)).Items;
        Assert.Equal(200, all.Count);
        var random = new Random(Seed);
        for (var round = 0; round < Rounds; round++)
        {
            Reach[] reach = random.Next(3) == 0 ? [AReach(random, all), AReach(random, all)] : [AReach(random, all)];
            var search = Searches[random.Next(Searches.Length)];
            var expected = all.Where(one => reach.All(bound => Reaches(bound, one)) && Holds(one, search))
                .OrderBy(one => search is not null && !one.Name.Value.StartsWith(search, StringComparison.Ordinal))
                .ThenBy(one => one.Name.Value, StringComparer.Ordinal);

            Assert.True(expected.SequenceEqual(await Walk(list, search, random.Next(1, 40), reach)), $"seed {Seed}, round {round}, search {search}");
        }
    }

    private static Reach AReach(Random random, IReadOnlyList<Application> all)
    {
        var teams = random.Next(4) switch { 0 => 0, 1 => 80, _ => random.Next(1, 5) };
        return random.Next(8) == 0
            ? Everything
            : new(
                false,
                [.. Enumerable.Range(0, teams).Select(_ => $"Team-{random.Next(90)}").Distinct()],
                [.. Enumerable.Range(0, random.Next(3)).Select(_ => all[random.Next(all.Count)].Name)],
                random.Next(3) == 0 ? [random.GetItems([Criticality.Low, Criticality.Critical], 1)[0]] : []);
    }

    private static bool Reaches(Reach reach, Application one) =>
        reach.All || reach.Teams.Contains(one.Team) || reach.Applications.Contains(one.Name) || reach.Criticalities.Contains(one.Criticality);

    private static bool Holds(Application one, string? search) =>
        search is null || one.Name.Value.Contains(search, StringComparison.Ordinal)
        || one.Team.ToLowerInvariant().Contains(search, StringComparison.Ordinal);

    private static async Task<List<Application>> Walk(ApplicationList list, string? search, int limit, Reach[] reach)
    {
        List<Application> seen = [];
        for (string? after = null; ;)
        {
            var page = await list.Read(search, new(after, limit), reach, default);
            seen.AddRange(page.Items);
            if ((after = page.Next) is null)
            {
                return seen;
            }
        }
    }
}
