using Dapper;
using Fury.Hosting;

namespace Fury.Compute.Standard.Agents;

/// <summary>Live instances of a scope whose agents are of one version.</summary>
/// <param name="Version">Null: their agents are so old that they do not say, or were not heard of in the last 10 minutes.</param>
/// <param name="Scope"><c>application/scope</c>, as a campaign names its targets.</param>
/// <param name="Instances">How many, 1 or more.</param>
/// <param name="OldestAt">When the first of them was asked for.</param>
internal sealed record AgentVersionView(string? Version, string Scope, int Instances, DateTimeOffset OldestAt)
{
    /// <summary>Its place in the list. No scope holds a space, and no version.</summary>
    public string Key() => $"{Scope} {Version}";
}

/// <summary>Which versions of the agent run where. Instances that only one host sees, on its own machine, have no agent and are left out.</summary>
internal sealed class AgentVersions(IDatabase database)
{
    // Each table is read once, by its primary key or whole: what is not live is deleted. The provider's id begins with the region, which no agent says.
    private const string ListSql = """
        select version, scope, instances, oldest_at
          from (select usage.agent_version as version, pool.scope, count(*)::int as instances, min(instance.created_at) as oldest_at
                  from standard.instance
                  join standard.pool on pool.id = instance.pool
                  left join standard.usage
                    on usage.lot = instance.lot and usage.own_id = substr(instance.provider_id, strpos(instance.provider_id, '/') + 1)
                 where instance.node is null and instance.provider_id is not null and instance.phase <> 'stopping'
                 group by pool.scope, usage.agent_version) as told
         where @after::text is null or concat(scope, ' ', version) collate "C" > @after
         order by concat(scope, ' ', version) collate "C"
         limit @rows
        """;

    /// <summary>By scope, and then by version.</summary>
    public async Task<IReadOnlyList<AgentVersionView>> List(string? after, int rows, CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var found = await connection.QueryAsync<(string? Version, string Scope, int Instances, DateTime OldestAt)>(
            new CommandDefinition(ListSql, new { after, rows }, cancellationToken: cancellation));
        return
        [
            .. found.Select(row => new AgentVersionView(row.Version, row.Scope, row.Instances, new(DateTime.SpecifyKind(row.OldestAt, DateTimeKind.Utc)))),
        ];
    }
}
