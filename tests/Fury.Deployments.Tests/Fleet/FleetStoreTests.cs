using System.Text.Json;
using Dapper;
using Fury.Access.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Fleet;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Deployments.Tests.Fleet;

/// <summary>1,500 deployments of 80 scopes, walked page by page by callers who see some of them.</summary>
public sealed class FleetStoreTests(TestDatabase<DeploymentsModule> database) : IClassFixture<TestDatabase<DeploymentsModule>>
{
    private const int Seed = 20_261_128;
    private const int Applications = 40;
    private const int Deployments = 1_500;
    private const int Callers = 60;

    /// <summary>More than are looked up one by one.</summary>
    private const int Unknown = 2_100;

    private const string FillSql = """
        insert into deployments.deployment (id, application, scope, shard, strategy, phase, release, revision, state, created_at, ended_at)
        select id, application, scope, 0, 'blue-green', 'done', 'r', 5,
               @state::jsonb || jsonb_build_object('id', id, 'scope', jsonb_build_object('application', application, 'scope', scope)),
               now(), case when number % 7 = 0 then null else now() end
          from unnest(@ids, @applications, @scopes) with ordinality as made (id, application, scope, number)
        """;

    [Fact]
    public async Task A_caller_who_walks_all_pages_meets_what_it_may_see_once_each_and_full_pages()
    {
        var random = new Random(Seed);
        var all = await Fill(random);
        var store = new FleetStore(database.Database);
        for (var caller = 0; caller < Callers; caller++)
        {
            var applications = Enumerable.Range(0, Applications).Where(_ => random.Next(8) == 0).Select(Application).ToList();
            var scopes = all.Select(one => one.Scope).Distinct().Where(scope => random.Next(20) == 0 && !applications.Contains(scope.Application)).ToList();
            var seesMany = caller % 3 == 0;
            var sight = caller % 10 == 9 ? Sight.Everything : new Sight(
                false, [.. applications, .. Enumerable.Range(0, seesMany ? Unknown : 0).Select(number => ApplicationName.Parse($"unknown-{number}"))], scopes);
            var query = new FleetQuery(
                random.Next(4) == 0 ? Application(random.Next(Applications)) : null, random.Next(3) switch { 0 => true, 1 => false, _ => null }, null);
            var expected = all
                .Where(one => (sight.All || applications.Contains(one.Scope.Application) || scopes.Contains(one.Scope))
                    && (query.Application is null || one.Scope.Application == query.Application) && (query.Ended is null || one.Ended == query.Ended))
                .Select(one => one.Id).ToList();

            var limit = random.Next(1, 40);
            List<Guid> walked = [];
            while (true)
            {
                var page = await store.List(sight, query with { Before = walked.Count == 0 ? null : walked[^1] }, limit, default);
                walked.AddRange(page.Select(one => one.Id.Value));
                Assert.True(page.Count == limit || walked.Count == expected.Count, $"Caller {caller} has a page that is not full.");
                if (page.Count < limit)
                {
                    break;
                }
            }

            Assert.Equal(expected, walked);
        }
    }

    private static ApplicationName Application(int number) => ApplicationName.Parse($"app-{number}");

    /// <summary>Newest first.</summary>
    private async Task<List<(Guid Id, ScopeRef Scope, bool Ended)>> Fill(Random random)
    {
        var made = Enumerable.Range(1, Deployments).Select(number => (
            Id: Guid.Parse($"{number:x12}70008000{number:x12}"),
            Scope: ScopeRef.Parse($"{Application(random.Next(Applications))}/test-{(random.Next(2) == 0 ? "web" : "batch")}"),
            Ended: number % 7 != 0)).ToList();
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(FillSql, new
        {
            state = JsonSerializer.Serialize(AMoment.In(DeploymentPhase.Done), FuryJson.Options),
            ids = made.Select(one => one.Id).ToArray(),
            applications = made.Select(one => one.Scope.Application.Value).ToArray(),
            scopes = made.Select(one => one.Scope.Scope.Value).ToArray(),
        });
        made.Reverse();
        return made;
    }
}
