using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fury.Kernel;
using Fury.Mesh.Dependencies;
using Fury.Mesh.Proxies;
using Fury.Xds;
using Fury.Xds.Framing;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fury.Mesh.Xds;

/// <summary>The aggregated streams, in both protocols.</summary>
internal sealed partial class AdsService(
    XdsHub hub,
    ProxyBook proxies,
    Attention attention,
    SeenDependencies seen,
    Credentials credentials,
    IOptions<XdsOptions> options,
    TimeProvider clock,
    Random random,
    ILogger<AdsService> log)
{
    /// <summary>Scopes that one stream may follow.</summary>
    private const int FollowsMax = 20_000;

    private const int NameCharsMax = 500;

    private const string OutboundPort = "fury.outbound_port";

    public Task Delta(GrpcServerStream wire, X509Certificate2? certificate, CancellationToken cancellation) => Serve<DeltaDiscoveryRequest>(
        wire,
        certificate,
        (view, rejections) =>
        {
            var session = new DeltaSession(view, rejections, clock);
            return (session, session.Receive);
        },
        request => (request.Node, request.ResourceNamesSubscribe, request.ResourceNamesUnsubscribe),
        cancellation);

    public Task Whole(GrpcServerStream wire, X509Certificate2? certificate, CancellationToken cancellation) => Serve<DiscoveryRequest>(
        wire,
        certificate,
        (view, rejections) =>
        {
            var session = new WholeSession(view, rejections, clock);
            return (session, session.Receive);
        },
        request => (request.Node, request.ResourceNames, []),
        cancellation);

    private async Task Serve<TRequest>(
        GrpcServerStream wire,
        X509Certificate2? certificate,
        Func<IXdsView, Rejections, (AdsSession Session, Action<TRequest> Receive)> open,
        Func<TRequest, (Node? Node, IReadOnlyList<string> Names, IReadOnlyList<string> Leaves)> read,
        CancellationToken cancellation)
        where TRequest : class, IMessage<TRequest>, new()
    {
        if (await FirstRequest.Read<TRequest>(wire, clock, cancellation) is not { } first)
        {
            return;
        }

        var node = read(first).Node;
        var identity = credentials.Identify(node, certificate);
        var view = hub.View(identity.Caller, identity.Dialect, ListenerOf(node!));

        using var entry = await proxies.Join(identity, cancellation);
        var (session, receive) = open(view, entry.Rejections);
        var stream = new XdsStream(identity, view, session, clock.GetUtcNow());
        using var age = new CancellationTokenSource(options.Value.StreamAgeMax * (0.9 + (0.2 * random.NextDouble())), clock);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, age.Token);
        hub.Open(stream);
        Opened(log, identity.Name, identity.Agent, identity.Caller);
        Task[] halves = [];
        try
        {
            await Hear(first);
            halves = [Read(), Write()];
            await await Task.WhenAny(halves);
        }
        catch (OperationCanceledException) when (age.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatus.Unavailable, "The stream has come of age; connect anew.");
        }
        catch (ProtocolException broken)
        {
            throw new GrpcException(GrpcStatus.InvalidArgument, broken.Message);
        }
        finally
        {
            await over.CancelAsync();
            hub.Close(stream);
            await Task.WhenAll(halves).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task Hear(TRequest request)
        {
            var (_, names, leaves) = read(request);
            if (!names.Concat(leaves).All(name => Said.IsName(name, NameCharsMax)))
            {
                throw new ProtocolException($"A resource's name has at most {NameCharsMax} characters, and none of control.");
            }

            var follows = hub.Follow(stream, names.Where(name => name != "*"));
            if (follows.Count > FollowsMax)
            {
                throw new GrpcException(GrpcStatus.ResourceExhausted, $"One stream may follow {FollowsMax} scopes.");
            }

            if (identity.Scope is { } scope)
            {
                NoteSeen(scope, view, names);
            }

            // On record before it is told anything of them: whoever publishes from now on finds it, or has published before.
            await entry.Follow(follows, over.Token);

            lock (session.Gate)
            {
                receive(request);
            }

            attention.LookAgain(names.Contains(MeshNames.Outbound) ? hub.FollowedBy(stream) : names.Select(MeshNames.KeyOf));

            if (leaves.Count > 0)
            {
                hub.Unfollow(stream, leaves);
            }

            stream.Signal();
            hub.Moved();
        }

        async Task Read()
        {
            while (await wire.Read<TRequest>(over.Token) is { } request)
            {
                await Hear(request);
            }
        }

        async Task Write()
        {
            while (true)
            {
                await stream.News(over.Token);
                while (hub.Next(stream) is { } response)
                {
                    MeshMetrics.Responses.Add(1, new KeyValuePair<string, object?>("type", response.Type));
                    await wire.Write([response.Head.ToByteArray(), .. response.Chunks], over.Token);
                }
            }
        }
    }

    /// <summary>What it asks for by name and exists, and its scope is not known to depend on.</summary>
    private void NoteSeen(ScopeRef scope, CallerView view, IReadOnlyList<string> names)
    {
        var now = hub.Current;
        var known = now.DependenciesOf(view.Caller);
        foreach (var name in names)
        {
            if (!known.Contains(MeshNames.KeyOf(name)) && now.Scopes.GetValueOrDefault(MeshNames.KeyOf(name)) is { } entry && entry.Scope.Scope != scope)
            {
                seen.Saw(scope, entry.Scope.Scope);
            }
        }
    }

    private static EnvoyListener ListenerOf(Node node) =>
        node.Metadata?.Fields.GetValueOrDefault(OutboundPort)?.NumberValue is double port and >= 1 and <= 65535
            ? EnvoyListener.Default with { Port = (int)port }
            : EnvoyListener.Default;

    [LoggerMessage(Level = LogLevel.Debug, Message = "Proxy {Proxy} ({Agent}) of {Caller} is connected")]
    private static partial void Opened(ILogger log, string proxy, string agent, string caller);
}
