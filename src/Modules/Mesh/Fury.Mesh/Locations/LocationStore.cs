using Dapper;
using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Mesh.Proxies;

namespace Fury.Mesh.Locations;

/// <summary>What each host's proxies have met at each location: a row for the two of them.</summary>
internal sealed class LocationStore(IDatabase database, INode node) : IDataPlane
{
    /// <summary>Three beats of a host: what is older is the last word of one that is dead.</summary>
    public static readonly TimeSpan FreshFor = 3 * LocationReconciler.Beat;

    private const string WriteSql = """
        with quiet as (
            delete from mesh.location
             where node = @node
               and (provider, region, "group") not in (select * from unnest(@providers, @regions, @groups))
        )
        insert into mesh.location (node, provider, region, "group", requests, failed, at)
        select @node, provider, region, "group", requests, failed, clock_timestamp()
          from unnest(@providers, @regions, @groups, @requests, @failed) as seen (provider, region, "group", requests, failed)
            on conflict (node, provider, region, "group") do update
           set requests = excluded.requests,
               failed = excluded.failed,
               at = excluded.at
        """;

    private const string SeenSql = """
        select provider, region, "group", max(at) as at, sum(requests)::bigint as requests, sum(failed)::bigint as failed
          from mesh.location
         where at > clock_timestamp() - @fresh
         group by provider, region, "group"
         order by provider, region, "group"
        """;

    /// <summary>This host's rows, replaced whole.</summary>
    public async Task Write(IReadOnlyList<LocationLoad> loads, CancellationToken cancellation)
    {
        var rows = new
        {
            node = node.Name,
            providers = loads.Select(load => load.Location.Provider).ToArray(),
            regions = loads.Select(load => load.Location.Region).ToArray(),
            groups = loads.Select(load => load.Location.Group).ToArray(),
            requests = loads.Select(load => load.Reached + load.Failed).ToArray(),
            failed = loads.Select(load => load.Failed).ToArray(),
        };
        await using var connection = await database.Open(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(WriteSql, rows, cancellationToken: cancellation));
    }

    public async Task<IReadOnlyList<LocationSeen>> Seen(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<(string Provider, string Region, string Group, DateTime At, long Requests, long Failed)>(
            new CommandDefinition(SeenSql, new { fresh = FreshFor }, cancellationToken: cancellation));
        return
        [
            .. from row in rows
               select new LocationSeen(
                   new(row.Provider, row.Region, row.Group), new(DateTime.SpecifyKind(row.At, DateTimeKind.Utc)), row.Requests, row.Failed),
        ];
    }
}
