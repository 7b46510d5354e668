using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fury.Mesh.Contracts;
using Fury.Xds.Framing;
using Microsoft.Extensions.Options;

namespace Fury.Sidecar.Following;

/// <summary>The control planes in the order in which this sidecar goes through them, and the connections to them.</summary>
internal sealed class ControlPlanes
{
    private readonly SidecarOptions _options;
    private readonly IControlPlane? _here;
    private readonly Uri[] _all;
    private int _next;

    /// <param name="random">Shuffles them, so that sidecars spread.</param>
    /// <param name="here">The one of this process, for where no other is set.</param>
    public ControlPlanes(IOptions<SidecarOptions> options, Random random, IControlPlane? here = null)
    {
        (_options, _here, _all) = (options.Value, here, [.. options.Value.ControlPlaneUris]);
        random.Shuffle(_all);
        if (_all.Length == 0 && here is null)
        {
            throw new InvalidOperationException(
                "Sidecar:ControlPlanes is empty and this process has no control plane of its own. Set it to addresses such as https://fury.example:7082.");
        }
    }

    /// <summary>The one to try now; the next call gives the one after it.</summary>
    public Uri Next() => _all.Length == 0 ? _here!.Address : _all[_next++ % _all.Length];

    /// <summary>A connection of its own, with the certificates as the files are now. Dispose of it with its streams.</summary>
    public HttpMessageInvoker Connect(Uri controlPlane)
    {
        if (controlPlane.Scheme != Uri.UriSchemeHttps)
        {
            return new HttpMessageInvoker(GrpcTransport.CreateHandler());
        }

        if (_options.Certificate is null || _options.CertificateKey is null || _options.Authorities is null)
        {
            throw new InvalidOperationException(
                $"The control plane {controlPlane} needs Sidecar:Certificate, Sidecar:CertificateKey and Sidecar:Authorities (PEM files).");
        }

        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(_options.Authorities);
        var certificate = X509Certificate2.CreateFromPemFile(_options.Certificate, _options.CertificateKey);
        return new HttpMessageInvoker(GrpcTransport.CreateHandler(certificate, (_, server, chain, errors) => IsTrusted(server, chain, errors, authorities)));
    }

    /// <summary>Its name must be right, and one of our authorities must have signed it; the machine's own list does not count.</summary>
    private static bool IsTrusted(
        X509Certificate? server, X509Chain? sent, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (server is not X509Certificate2 certificate || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(sent?.ChainPolicy.ExtraStore ?? []);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
