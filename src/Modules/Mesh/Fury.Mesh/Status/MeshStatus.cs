using Dapper;
using Fury.Hosting;
using Fury.Mesh.Contracts;
using Fury.Mesh.Proxies;

namespace Fury.Mesh.Status;

/// <summary>A host as the others see it.</summary>
/// <param name="Live">Heard of within the bound: its proxies are waited for through it.</param>
/// <param name="Revision">The revision of routes that it has loaded.</param>
internal sealed record HostStatus(string Host, bool Live, long Revision, DateTimeOffset HeardAt, int Proxies);

/// <summary>A proxy that is behind with a scope whose routes have changed lately, or shows load on a pool that it should have left.</summary>
/// <param name="Scope">As <c>scope.application</c>.</param>
internal sealed record BehindStatus(string Scope, string Proxy, ProxyStage Stage, DateTimeOffset Since, string Detail);

/// <param name="Revision">The platform's count of changes of routes.</param>
internal sealed record MeshStatus(
    long Revision, IReadOnlyList<HostStatus> Hosts, int ConnectedProxies, int GoneProxies, IReadOnlyList<BehindStatus> Behind);

internal sealed class MeshStatusStore(IDatabase database)
{
    private const string HostsSql = """
        select host.node, host.revision, host.heard_at,
               (select jsonb_agg(note)::text
                  from mesh.behind, jsonb_array_elements(behind.notes) as note
                 where behind.node = host.node and behind.incarnation = host.incarnation) as behind,
               host.heard_at > clock_timestamp() - @live as live,
               (select count(*)::int from mesh.proxy
                 where proxy.node = host.node and proxy.incarnation = host.incarnation and proxy.left_at is null) as proxies
          from mesh.host
         order by host.node
        """;

    private const string CountsSql = "select value as revision, (select count(*)::int from mesh.proxy) as known from mesh.revision";

    public async Task<MeshStatus> Read(CancellationToken cancellation)
    {
        await using var connection = await database.Open(cancellation);
        var hosts = (await connection.QueryAsync<Row>(
            new CommandDefinition(HostsSql, new { live = ProxyStore.HostLiveBound }, cancellationToken: cancellation))).ToList();
        var counts = await connection.QuerySingleAsync<Counts>(new CommandDefinition(CountsSql, cancellationToken: cancellation));
        var connected = hosts.Where(host => host.Live).Sum(host => host.Proxies);
        return new(
            counts.Revision,
            [.. hosts.Select(host => new HostStatus(host.Node, host.Live, host.Revision, host.HeardAt, host.Proxies))],
            connected,
            counts.Known - connected,
            [
                .. from host in hosts
                   where host.Live
                   from note in BehindNote.Read(host.Behind)
                   select new BehindStatus(note.Scope, note.Proxy.Proxy, note.Proxy.Stage, note.Proxy.Since, note.Proxy.Detail),
            ]);
    }

    private sealed record Row(string Node, long Revision, DateTime HeardAt, string? Behind, bool Live, int Proxies);

    private sealed record Counts(long Revision, int Known);
}
