using Envoy.Service.Discovery.V3;
using Fury.Xds;
using Fury.Xds.Framing;

namespace Fury.Benchmarks.Xds;

/// <summary>
/// Simulated proxies, a connection each: all clusters, the listener and the routes of one scope, the endpoints of fifty. They acknowledge and remember
/// nothing, so that what is measured is the control plane.
/// </summary>
internal sealed class XdsProxies(Uri server) : IAsyncDisposable
{
    public const int EndpointsOf = 50;

    /// <summary>Bytes that gRPC puts before each message.</summary>
    private const int FrameHeader = 5;

    private readonly List<(HttpMessageInvoker Http, GrpcClientStream Stream)> _proxies = [];
    private readonly List<Task> _reading = [];
    private long _bytes;
    private long _responses;

    public int Count => _proxies.Count;

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Responses => Interlocked.Read(ref _responses);

    public int Broken => _reading.Count(each => each.IsCompleted);

    /// <summary>Fails with the reason of the first stream that has ended, as soon as one has.</summary>
    public async Task Broke() => await await Task.WhenAny(_reading);

    public async Task Connect(int count, IReadOnlyList<string> scopes, CancellationToken cancellation)
    {
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellation }, async (_, stop) =>
        {
            int number;
            var http = new HttpMessageInvoker(GrpcTransport.CreateHandler());
            var stream = GrpcClientStream.Open(http, server, XdsMethods.DeltaAggregatedResources, GrpcLimits.Default, TimeProvider.System);
            lock (_proxies)
            {
                number = _proxies.Count;
                _proxies.Add((http, stream));
            }

            await stream.Write(
                new DeltaDiscoveryRequest
                {
                    Node = new() { Id = $"proxy-{number}", Cluster = $"{XdsBench.Caller}", UserAgentName = MeshProtocol.SidecarAgent },
                    TypeUrl = TypeUrls.Cluster,
                },
                stop);
            await stream.Write(new DeltaDiscoveryRequest { TypeUrl = TypeUrls.Listener, ResourceNamesSubscribe = { scopes[0] } }, stop);
            await stream.Write(new DeltaDiscoveryRequest { TypeUrl = TypeUrls.RouteConfiguration, ResourceNamesSubscribe = { scopes[0] } }, stop);
            var hasAll = new TaskCompletionSource();
            var reading = Read(number, stream, scopes, hasAll, cancellation);
            lock (_reading)
            {
                _reading.Add(reading);
            }

            // So many at a time get their first responses: two cores cannot shake hands with all of them at once, and these proxies come only once.
            await await Task.WhenAny(hasAll.Task, reading);
        });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (http, stream) in _proxies)
        {
            await stream.DisposeAsync();
            http.Dispose();
        }
    }

    private async Task Read(
        int number, GrpcClientStream stream, IReadOnlyList<string> scopes, TaskCompletionSource hasAll, CancellationToken cancellation)
    {
        var asked = false;
        while (await stream.Read<DeltaDiscoveryResponse>(cancellation) is { } response)
        {
            Interlocked.Add(ref _bytes, FrameHeader + response.CalculateSize());
            Interlocked.Increment(ref _responses);
            await stream.Write(new DeltaDiscoveryRequest { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce }, cancellation);
            if (response.TypeUrl == TypeUrls.ClusterLoadAssignment)
            {
                hasAll.TrySetResult();
            }

            if (!asked && response.TypeUrl == TypeUrls.Cluster)
            {
                asked = true;
                var mine = Mine(number, scopes);
                var wanted = response.Resources.Select(resource => resource.Name).Where(name => mine.Contains(name[..name.IndexOf('/')]));
                await stream.Write(
                    new DeltaDiscoveryRequest { TypeUrl = TypeUrls.ClusterLoadAssignment, ResourceNamesSubscribe = { wanted } }, cancellation);
            }
        }
    }

    /// <summary>Fifty in a row, at another place for each proxy, so that every scope has about the same number of subscribers.</summary>
    private static HashSet<string> Mine(int number, IReadOnlyList<string> scopes) =>
        [.. Enumerable.Range(number * 7, EndpointsOf).Select(place => scopes[place % scopes.Count])];
}
