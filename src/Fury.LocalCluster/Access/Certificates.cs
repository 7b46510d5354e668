using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fury.LocalCluster;

/// <summary>The certificates of one cluster: an authority that lives as long as it does, and what that has signed.</summary>
internal sealed class Certificates : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private static readonly TimeSpan Valid = TimeSpan.FromDays(365);

    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;
    private readonly DateTimeOffset _from;

    public Certificates(string cluster, IPAddress address, TimeProvider clock)
    {
        _from = clock.GetUtcNow() - TimeSpan.FromHours(1);
        var request = new CertificateRequest($"CN=fury-local-{cluster}", _authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(_from, _from + Valid);
        AuthorityPem = _authority.ExportCertificatePem();
        using var server = Sign("CN=kube-apiserver", ServerAuthentication, address, out var serverKey);
        using (serverKey)
        {
            // Kept as PKCS#12, since TLS of this platform does not take a certificate whose key lives only beside it.
            using var whole = server.CopyWithPrivateKey(serverKey);
            Server = X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
        }

        using var client = Sign($"O=system:masters, CN={Access.Admin}", ClientAuthentication, null, out var clientKey);
        using (clientKey)
        {
            ClientPem = client.ExportCertificatePem();
            ClientKeyPem = clientKey.ExportECPrivateKeyPem();
        }
    }

    public X509Certificate2 Server { get; }

    public string AuthorityPem { get; }

    public string ClientPem { get; }

    public string ClientKeyPem { get; }

    /// <summary>Whether this cluster's authority has signed it, and it is still good.</summary>
    public bool Knows(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _authorityKey.Dispose();
        Server.Dispose();
    }

    private X509Certificate2 Sign(string subject, string usage, IPAddress? address, out ECDsa key)
    {
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (address is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(address);
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
        }

        return request.Create(_authority, _from, _from + Valid - TimeSpan.FromMinutes(1), RandomNumberGenerator.GetBytes(12));
    }
}
