using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Gateway;

/// <summary>
/// Drivers that let the platform speak to the provider. Where the platform is and the token are those of this instance, never of a binding, so that the token
/// goes nowhere else.
/// </summary>
internal static class GatewayProvider
{
    /// <summary>Of all services together; calls beyond those wait for one. Receivers hold one each while they wait.</summary>
    private const int ConnectionsMax = 256;

    public static IReadOnlyList<IDriverFactory> Factories(Uri platform, string token)
    {
        // For as long as the process lives.
        var http = new Lazy<HttpMessageInvoker>(() => HttpConnections.Open(ConnectionsMax));
        return
        [
            Of(ServiceKind.KeyValue, line => new GatewayKeyValue(line)),
            Of(ServiceKind.Objects, line => new GatewayObjects(line)),
            Of(ServiceKind.Queue, line => new GatewayQueue(line)),
            Of(ServiceKind.Topic, line => new GatewayTopic(line)),
            Of(ServiceKind.Stream, line => new GatewayStream(line)),
            Of(ServiceKind.Cache, line => new GatewayCache(line)),
            Of(ServiceKind.Locks, line => new GatewayLocks(line)),
            Of(ServiceKind.Sequences, line => new GatewaySequences(line)),
            Of(ServiceKind.Secrets, line => new GatewaySecrets(line)),
            Of(ServiceKind.Configuration, line => new GatewayConfiguration(line)),
        ];

        DriverFactory Of(ServiceKind kind, Func<GatewayLine, IDriver> make) => new(kind, GatewayProtocol.Name, async (context, cancellation) =>
        {
            var line = new GatewayLine(http.Value, platform, token, kind, context);
            await line.Open(cancellation);
            return make(line);
        });
    }
}
