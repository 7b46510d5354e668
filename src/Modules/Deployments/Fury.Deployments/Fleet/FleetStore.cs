using Dapper;
using Fury.Access.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Fleet;

/// <summary>What is asked of the list; null: whatever it is.</summary>
/// <param name="Ended">False: those in progress.</param>
/// <param name="Before">Older ones than this.</param>
internal sealed record FleetQuery(ApplicationName? Application, bool? Ended, Guid? Before);

/// <summary>
/// Reads deployments across scopes, those that a caller may see. Ids are ordered by time, so the newest first is the order of the primary key. Each condition
/// stands as text of its own, so that the index that fits can be used.
/// </summary>
internal sealed class FleetStore(IDatabase database)
{
    /// <summary>
    /// Of so many applications (or single scopes) the newest are looked up by each one's index. Whoever sees more finds enough among the newest of all soon.
    /// </summary>
    private const int EachMax = 500;

    private const string AllSql = "select d.id, d.fence, d.state from deployments.deployment d where true";

    private const string SeenSql = """
         and (d.application in (select unnest(@wholes::text[]))
              or (d.application, d.scope) in (select * from unnest(@applications::text[], @scopes::text[])))
        """;

    private const string NewestSql = " order by d.id desc limit @limit";

    public async Task<IReadOnlyList<Deployment>> List(Sight sight, FleetQuery query, int limit, CancellationToken cancellation)
    {
        var parts = Parts(sight, query.Application);
        if (parts is [])
        {
            return [];
        }

        var asked = (query.Before is null ? "" : " and d.id < @before")
            + (query.Ended switch { true => " and d.ended_at is not null", false => " and d.ended_at is null", null => "" });
        var sql = parts switch
        {
            null => AllSql + asked + NewestSql,
            { Count: <= EachMax } => EachSql(asked),
            _ => AllSql + asked + SeenSql + NewestSql,
        };
        var single = parts?.Where(part => part.Scope is not null || parts.Count <= EachMax).ToList() ?? [];
        var parameters = new
        {
            before = query.Before,
            limit,
            applications = single.Select(part => part.Application.Value).ToArray(),
            scopes = single.Select(part => part.Scope?.Value).ToArray(),
            wholes = parts?.Where(part => part.Scope is null).Select(part => part.Application.Value).ToArray() ?? [],
        };
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToRecord().ToDeployment())];
    }

    /// <summary>What is looked through; null: everything. Without a scope a whole application is meant.</summary>
    private static List<Part>? Parts(Sight sight, ApplicationName? application) => (sight.All, application) switch
    {
        (true, null) => null,
        (true, { } only) => [new Part(only, null)],
        _ =>
        [
            .. sight.Applications.Where(one => application is null || one == application).Select(one => new Part(one, null)),
            .. sight.Scopes.Where(one => application is null || one.Application == application).Select(one => new Part(one.Application, one.Scope)),
        ],
    };

    private sealed record Part(ApplicationName Application, ScopeName? Scope);

    /// <summary>
    /// The newest of each part first, and of the parts no more than there are places on the page: what comes after those has a newer one before it for each
    /// place. Only of these parts a page each is read.
    /// </summary>
    private static string EachSql(string asked)
    {
        var ofPart = $"""
            select d.id
              from deployments.deployment d
             where d.application = part.application and (part.scope is null or d.scope = part.scope){asked}
             order by d.id desc
            """;
        return $"""
            with near as (
                select part.application, part.scope
                  from unnest(@applications::text[], @scopes::text[]) as part (application, scope)
                 cross join lateral ({ofPart} limit 1) newest
                 order by newest.id desc
                 limit @limit),
            page as (
                select one.id from near as part cross join lateral ({ofPart} limit @limit) one order by one.id desc limit @limit)
            select d.id, d.fence, d.state from page join deployments.deployment d on d.id = page.id order by d.id desc
            """;
    }
}
