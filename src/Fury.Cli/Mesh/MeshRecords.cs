namespace Fury.Cli.Mesh;

internal sealed record MeshStatus(
    long Revision, IReadOnlyList<MeshHost> Hosts, int ConnectedProxies, int GoneProxies, IReadOnlyList<MeshBehind> Behind);

internal sealed record MeshHost(string Host, bool Live, long Revision, DateTimeOffset HeardAt, int Proxies);

internal sealed record MeshBehind(string Scope, string Proxy, string Stage, DateTimeOffset Since, string Detail);

internal sealed record MeshProxy(
    string Proxy, string Scope, string Agent, string Host, IReadOnlyList<string> Uses, DateTimeOffset ConnectedAt, DateTimeOffset? LeftAt);

internal sealed record MeshDiff(MeshProxy Proxy, bool IsSame, IReadOnlyList<MeshResource> Resources);

internal sealed record MeshResource(string Type, string Name, string? Has, string? Should, string? Sent, string? Rejected);

internal sealed record MeshRoutes(string Scope, string Host, long Version, IReadOnlyList<MeshPool> Pools);

internal sealed record MeshPool(string Pool, decimal Weight, string? Location, IReadOnlyList<object> Endpoints);
