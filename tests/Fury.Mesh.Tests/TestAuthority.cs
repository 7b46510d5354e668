using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fury.Mesh.Tests;

/// <summary>Signs certificates, for as long as a test takes.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TestAuthority? _above;
    private int _signed;

    /// <param name="above">Who signs for it; null for itself.</param>
    public TestAuthority(string name, TestAuthority? above = null)
    {
        _above = above;
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        Certificate = above is null
            ? request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1))
            : above.Sign(request).CopyWithPrivateKey(_key);
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>PEM of itself, and of those above that are not at the top.</summary>
    public string Chain => _above is null ? "" : $"{Certificate.ExportCertificatePem()}\n{_above.Chain}";

    /// <summary>A server on loopback.</summary>
    public X509Certificate2 Server(string name) => Issue(name, names => names.AddIpAddress(IPAddress.Loopback));

    /// <summary>A client that this name is for: <c>spiffe://fury/platform</c>.</summary>
    public X509Certificate2 Client(string uri) => Issue("proxy", names => names.AddUri(new Uri(uri)));

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(string name, Action<SubjectAlternativeNameBuilder> add)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        add(names);
        request.CertificateExtensions.Add(names.Build());
        return Sign(request).CopyWithPrivateKey(key);
    }

    private X509Certificate2 Sign(CertificateRequest request) =>
        request.Create(Certificate, Certificate.NotBefore, Certificate.NotAfter, BitConverter.GetBytes(++_signed));
}
