using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Registry;

/// <summary>A cluster with the way to it. The access names where the secrets are, and holds none.</summary>
/// <param name="Revision">Grows with each change of any cluster.</param>
internal sealed record RegisteredCluster(Cluster Cluster, ClusterAccess Access, long Revision);
