using Fury.Kernel;

namespace Fury.Mesh.Contracts;

/// <summary>Where a request may be sent.</summary>
/// <param name="Group">The group of its location, where its pool is in several; null: its pool's own.</param>
public sealed record Endpoint(InstanceId Replica, string Address, int Port, string? Group = null);

/// <summary>A pool as a proxy sees it. Endpoints are the ready ones only.</summary>
/// <param name="Location">provider/region/group; empty when it is not known.</param>
public sealed record WeightedPool(PoolId Pool, decimal Weight, string Location, IReadOnlyList<Endpoint> Endpoints);
