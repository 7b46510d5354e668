using Fury.Kernel;

namespace Fury.Mesh.Contracts;

/// <summary>Where a request may be sent.</summary>
public sealed record Endpoint(InstanceId Replica, string Address, int Port);

/// <summary>A pool as a proxy sees it. Endpoints are the ready ones only.</summary>
/// <param name="Location">provider/region/group; empty when it is not known.</param>
public sealed record WeightedPool(PoolId Pool, int Weight, string Location, IReadOnlyList<Endpoint> Endpoints);
