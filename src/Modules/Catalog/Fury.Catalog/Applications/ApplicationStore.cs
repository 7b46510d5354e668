using Dapper;
using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Applications;

internal sealed class ApplicationStore(IDatabase database)
{
    private const string InsertSql = """
        insert into catalog.application (name, team, criticality, revision, created_at)
        values (@name, @team, @criticality, 1, @createdAt)
        on conflict (name) do nothing
        returning name, team, criticality, revision, created_at
        """;

    private const string LockSql = """
        select name, team, criticality, revision, created_at
          from catalog.application
         where name = @name
           for update
        """;

    private const string UpdateSql = """
        update catalog.application
           set team = @team, criticality = @criticality, revision = revision + 1
         where name = @name
        returning name, team, criticality, revision, created_at
        """;

    private const string FindSql = """
        select name, team, criticality, revision, created_at
          from catalog.application
         where name = @name
        """;

    /// <summary>What the caller may see; begins and ends with a line of its own.</summary>
    private const string SeenSql = """

           and (@all or team = any(@teams) or name = any(@names) or criticality = any(@criticalities))
           and (@allOfOwner or team = any(@teamsOfOwner) or name = any(@namesOfOwner) or criticality = any(@criticalitiesOfOwner))

        """;

    private const string ListSql = """
        select name, team, criticality, revision, created_at
          from catalog.application
         where (@after::text is null or name > @after)
        """ + SeenSql + """
         order by name
         limit @rows
        """;

    // Names that begin so are a range of the primary key.
    private const string BeginSql = """
        select name, team, criticality, revision, created_at
          from catalog.application
         where name >= @search and name < @searchEnd and (@after::text is null or name > @after)
        """ + SeenSql + """
         order by name
         limit @rows
        """;

    private const string HoldSql = """
        select name, team, criticality, revision, created_at
          from catalog.application
         where (strpos(name, @search) > 0 or strpos(lower(team), @search) > 0) and not starts_with(name, @search)
           and (@after::text is null or name > @after)
        """ + SeenSql + """
         order by name
         limit @rows
        """;

    /// <summary>
    /// Creates it, or returns it as it is when it has this content, or replaces its content when <paramref name="match"/> names its present
    /// revision. Of many that create it at once one creates and the others find it.
    /// </summary>
    public Task<Outcome<Put<Application>>> Put(Application wanted, IfMatch match, CancellationToken cancellation) =>
        database.Transaction<Put<Application>>(async tx =>
        {
            var parameters = new
            {
                name = wanted.Name.Value,
                team = wanted.Team,
                criticality = Word.Of(wanted.Criticality),
                createdAt = wanted.CreatedAt.UtcDateTime,
            };
            Task<Row?> One(string sql) =>
                tx.Connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(sql, parameters, tx.Inner, cancellationToken: cancellation));

            if (!match.Given && await One(InsertSql) is { } inserted)
            {
                return new Put<Application>(inserted.ToApplication(), true);
            }

            if (await One(LockSql) is not { } row)
            {
                return IfMatch.Missing("application", wanted.Name);
            }

            var present = row.ToApplication();
            if (wanted with { Revision = present.Revision, CreatedAt = present.CreatedAt } == present)
            {
                return new Put<Application>(present, false);
            }

            return match.Refusal("application", wanted.Name, present.Revision) is { } refusal
                ? refusal
                : new Put<Application>((await One(UpdateSql))!.ToApplication(), false);
        }, cancellation);

    public async Task<Outcome<Application>> Find(ApplicationName name, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(FindSql, new { name = name.Value }, cancellationToken: cancellation));
        return row is null ? Fault.NotFound("application", name) : row.ToApplication();
    }

    /// <summary>In the order of names; of a search those first whose names begin with it.</summary>
    /// <param name="search">A part of the name or of the team, in small letters; null for all.</param>
    /// <param name="reach">One, or two: what both of them reach is shown.</param>
    public async Task<Page<Application>> List(string? search, PageQuery page, IReadOnlyList<Reach> reach, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        async Task<IReadOnlyList<Application>> Read(string sql, string? after, int rows) =>
            [.. (await connection.QueryAsync<Row>(new CommandDefinition(sql, Parameters(search, after, rows, reach), cancellationToken: cancellation)))
                .Select(row => row.ToApplication())];

        var wanted = page.Limit + 1;
        if (search is null)
        {
            return Of(await Read(ListSql, page.After, wanted));
        }

        // The place of the last one of a page follows from its name. Most pages are full of names that begin so, and the rest need not be looked for.
        var isPast = page.After?.StartsWith(search, StringComparison.Ordinal) == false;
        var begin = isPast ? [] : await Read(BeginSql, page.After, wanted);
        return Of(begin.Count == wanted ? begin : [.. begin, .. await Read(HoldSql, isPast ? page.After : null, wanted - begin.Count)]);

        Page<Application> Of(IReadOnlyList<Application> rows) => Page<Application>.Of(rows, page.Limit, application => application.Name.Value);
    }

    private static object Parameters(string? search, string? after, int rows, IReadOnlyList<Reach> reach)
    {
        var (own, owner) = (reach[0], reach[^1]);
        return new
        {
            search,
            searchEnd = search + '\uffff', // Greater than whatever begins with it: names are ASCII, and compared by their bytes.
            after,
            rows,
            all = own.All,
            teams = own.Teams.ToArray(),
            names = Names(own),
            criticalities = Criticalities(own),
            allOfOwner = owner.All,
            teamsOfOwner = owner.Teams.ToArray(),
            namesOfOwner = Names(owner),
            criticalitiesOfOwner = Criticalities(owner),
        };
    }

    private static string[] Names(Reach reach) => [.. reach.Applications.Select(name => name.Value)];

    private static string[] Criticalities(Reach reach) => [.. reach.Criticalities.Select(value => Word.Of(value))];

    private sealed record Row(string Name, string Team, string Criticality, long Revision, DateTime CreatedAt)
    {
        public Application ToApplication() =>
            new(ApplicationName.Parse(Name), Team, Word.Read<Criticality>(Criticality), Revision, CreatedAt);
    }
}
