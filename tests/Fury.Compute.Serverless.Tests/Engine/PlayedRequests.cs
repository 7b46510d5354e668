using System.Collections.Concurrent;
using Fury.Compute.Contracts;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>Requests that a test plays: for each cluster the share of them that fail, again and again.</summary>
internal sealed class PlayedRequests : IDataPlane
{
    private const long Requests = 100;

    public ConcurrentDictionary<string, double> Failing { get; } = new(StringComparer.Ordinal);

    public Task<IReadOnlyList<LocationSeen>> Seen(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<LocationSeen>>(
    [
        .. from one in Failing
           select new LocationSeen(
               new(ServerlessHost.Provider, ServerlessHost.RegionToLose, one.Key), TimeProvider.System.GetUtcNow(), Requests, (long)(Requests * one.Value)),
    ]);
}
