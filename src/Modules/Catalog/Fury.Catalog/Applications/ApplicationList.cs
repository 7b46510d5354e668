using Dapper;
using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Applications;

/// <summary>
/// Pages of the applications that somebody may see. Who may see few of them reads those, by the index of each team; who may see much finds a page of it soon
/// among all.
/// </summary>
internal sealed class ApplicationList(IDatabase database)
{
    /// <summary>A page of each of so many teams is read; with more of them, the names are walked and what is not seen is dropped.</summary>
    private const int TeamsEachMax = 50;

    private const string Columns = "name, team, criticality, revision, created_at";

    private const string AllSql = "(@after::text is null or name > @after)";

    // Names that begin so are a range of an index.
    private const string BeginSql = AllSql + " and name >= @search and name < @searchEnd";

    private const string HoldSql = AllSql + " and (strpos(name, @search) > 0 or strpos(lower(team), @search) > 0) and not starts_with(name, @search)";

    /// <summary>In the order of names; of a search those first whose names begin with it.</summary>
    /// <param name="search">A part of the name or of the team, in small letters; null for all.</param>
    /// <param name="reach">One, or two: what both of them reach is shown.</param>
    public async Task<Page<Application>> Read(string? search, PageQuery page, IReadOnlyList<Reach> reach, CancellationToken cancellation)
    {
        var bounds = reach.Where(one => !one.All).OrderByDescending(IsNarrow).ToList();
        await using var connection = await database.Open(cancellation);
        var wanted = page.Limit + 1;
        if (search is null)
        {
            return Of(await Rows(AllSql, page.After, wanted));
        }

        // The place of the last one of a page follows from its name. Most pages are full of names that begin so, and the rest need not be looked for.
        var isPast = page.After?.StartsWith(search, StringComparison.Ordinal) == false;
        var begin = isPast ? [] : await Rows(BeginSql, page.After, wanted);
        return Of(begin.Count == wanted ? begin : [.. begin, .. await Rows(HoldSql, isPast ? page.After : null, wanted - begin.Count)]);

        Page<Application> Of(IReadOnlyList<Application> rows) => Page<Application>.Of(rows, page.Limit, application => application.Name.Value);

        async Task<IReadOnlyList<Application>> Rows(string asked, string? after, int rows)
        {
            var parameters = new DynamicParameters(new { search, after, rows });
            // Greater than whatever begins with it: names are ASCII, and compared by their bytes.
            parameters.Add("searchEnd", search + '\uffff');
            for (var number = 0; number < bounds.Count; number++)
            {
                parameters.Add($"teams{number}", bounds[number].Teams.ToArray());
                parameters.Add($"names{number}", bounds[number].Applications.Select(name => name.Value).ToArray());
                parameters.Add($"criticalities{number}", bounds[number].Criticalities.Select(value => Word.Of(value)).ToArray());
            }

            var found = await connection.QueryAsync<ApplicationRow>(new CommandDefinition(Sql(asked, bounds), parameters, cancellationToken: cancellation));
            return [.. found.Select(row => row.ToApplication())];
        }
    }

    private static bool IsNarrow(Reach reach) => reach.Criticalities.Count == 0 && reach.Teams.Count <= TeamsEachMax;

    /// <param name="bounds">Narrow ones first.</param>
    private static string Sql(string asked, List<Reach> bounds)
    {
        const string InOrder = "order by name limit @rows";
        if (bounds is not [var first, ..] || !IsNarrow(first))
        {
            return $"select {Columns} from catalog.application where {asked}{Within(0)} {InOrder}";
        }

        return $"""
            select one.*
              from unnest(@teams0::text[]) as mine (team)
             cross join lateral (select {Columns} from catalog.application where team = mine.team and {asked}{Within(1)} {InOrder}) as one
             union
            select {Columns} from catalog.application where name = any(@names0) and {asked}{Within(1)}
             {InOrder}
            """;

        string Within(int from) => string.Concat(Enumerable.Range(from, Math.Max(0, bounds.Count - from)).Select(number =>
            $" and (team = any(@teams{number}) or name = any(@names{number}) or criticality = any(@criticalities{number}))"));
    }
}
