using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Fury.ClusterApi.Kubernetes.Access;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>The connections to one API server, and the words for what keeps them from coming about.</summary>
internal sealed class KubeConnection : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A renewed client certificate and a moved address are taken up within this time.</summary>
    private static readonly TimeSpan ConnectionAgeMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Over HTTP/1.1, which a plain local server speaks, each watch takes one.</summary>
    private const int ConnectionsMax = 256;

    private readonly KubeAccess _access;
    private readonly SocketsHttpHandler _handler;
    private volatile X509Certificate2? _certificate;
    private volatile string? _complaint;

    public KubeConnection(KubeAccess access)
    {
        _access = access;
        _certificate = access.User.Certificate;
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // A redirect would carry the credential to whoever it names.
            AutomaticDecompression = DecompressionMethods.GZip,
            UseCookies = false,
            UseProxy = access.Proxy is not null || !Loopback.Is(access.Server.Host),
            Proxy = access.Proxy is { } proxy ? new WebProxy(proxy) : null,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionAgeMax,
            MaxConnectionsPerServer = ConnectionsMax,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = PingAfter,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = Trust(access.Authorities),
                RemoteCertificateValidationCallback = Validate,
                LocalCertificateSelectionCallback = (_, _, _, _, _) => _certificate!,
            },
        };
        Client = new HttpMessageInvoker(_handler, disposeHandler: true);
    }

    public HttpMessageInvoker Client { get; }

    /// <summary>The name that the server's certificate must have: the handler takes it from the request. Null: the one in the address.</summary>
    public string? ServerName => _access.ServerName;

    /// <summary>The certificate that new connections show.</summary>
    public void Show(X509Certificate2? certificate) => _certificate = certificate;

    /// <summary>Why no answer came.</summary>
    public Fault FaultOf(Exception failure)
    {
        var server = _access.Server.GetLeftPart(UriPartial.Authority);
        if (failure is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
        {
            return _complaint is { } complaint
                ? new Fault(FaultKind.Unauthenticated, $"The server at {server} cannot be trusted: {complaint}")
                : new Fault(
                    FaultKind.Unauthenticated, $"No secure connection to {server} came about; it may not accept Fury's certificate.")
                {
                    Detail = failure.Message,
                };
        }

        var why = failure switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name is not known",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "it cannot be connected to",
            HttpRequestException or IOException => "the connection was cut",
            _ => "it took too long",
        };
        return Fault.Unavailable($"The cluster at {server} does not answer: {why}.") with { Detail = failure.Message };
    }

    public void Dispose() => Client.Dispose();

    private static X509ChainPolicy? Trust(X509Certificate2Collection? authorities)
    {
        if (authorities is null)
        {
            return null;
        }

        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // Clusters' own authorities publish no lists.
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || _access.IsUnverified)
        {
            _complaint = null;
            return true;
        }

        var until = (certificate as X509Certificate2)?.NotAfter.ToUniversalTime();
        var statuses = chain?.ChainStatus.Select(status => status.Status).ToHashSet() ?? [];
        _complaint = errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "it shows no certificate."
            : statuses.Contains(X509ChainStatusFlags.NotTimeValid) ? $"its certificate is not valid at this time (until {until:u})."
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "its certificate is for another name."
            : "its certificate is not signed by the authority that the access names.";
        return false;
    }
}
