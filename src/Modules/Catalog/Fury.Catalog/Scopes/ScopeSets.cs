using Dapper;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Scopes;

/// <summary>Finds scopes by what they belong to.</summary>
internal sealed class ScopeSets(IDatabase database)
{
    private const string ApplicationsSql = """
        select name
          from catalog.application
         where (team = any(@teams) or name = any(@names)) and (team = any(@otherTeams) or name = any(@otherNames))
        """;

    // A scope has a criticality of its own, so single ones may be in a set where others of its application are not.
    private const string ScopesSql = """
        select scope.application, scope.name
          from catalog.scope
          join catalog.application on application.name = scope.application
         where (team = any(@teams) or application.name = any(@names) or scope.criticality = any(@criticalities))
           and (team = any(@otherTeams) or application.name = any(@otherNames) or scope.criticality = any(@otherCriticalities))
           and not ((team = any(@teams) or application.name = any(@names)) and (team = any(@otherTeams) or application.name = any(@otherNames)))
        """;

    public async Task<ScopesFound> Find(IReadOnlyList<ScopeSet> sets, CancellationToken cancellation)
    {
        var (one, other) = (sets[0], sets[^1]);
        var parameters = new
        {
            teams = one.Teams.ToArray(),
            names = Names(one),
            criticalities = Criticalities(one),
            otherTeams = other.Teams.ToArray(),
            otherNames = Names(other),
            otherCriticalities = Criticalities(other),
        };
        await using var connection = await database.Open(cancellation);
        var applications = await connection.QueryAsync<string>(new CommandDefinition(ApplicationsSql, parameters, cancellationToken: cancellation));
        var scopes = sets.Any(set => set.Criticalities.Count > 0)
            ? await connection.QueryAsync<(string Application, string Name)>(new CommandDefinition(ScopesSql, parameters, cancellationToken: cancellation))
            : [];
        return new(
            [.. applications.Select(ApplicationName.Parse)],
            [.. scopes.Select(row => new ScopeRef(ApplicationName.Parse(row.Application), ScopeName.Parse(row.Name)))]);
    }

    private static string[] Names(ScopeSet set) => [.. set.Applications.Select(name => name.Value)];

    private static string[] Criticalities(ScopeSet set) => [.. set.Criticalities.Select(value => Word.Of(value))];
}
