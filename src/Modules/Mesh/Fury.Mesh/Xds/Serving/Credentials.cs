using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Core.V3;
using Fury.Kernel;
using Fury.Xds.Framing;
using Microsoft.Extensions.Options;

namespace Fury.Mesh.Xds;

/// <summary>
/// The server's certificate, and whom it believes. A proxy's certificate names the scope that it belongs to
/// (<c>spiffe://fury/scope/shop/production-web</c>, https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md), or
/// <c>spiffe://fury/platform</c> for those of the platform itself, which may speak for any scope.
/// </summary>
internal sealed class Credentials(IOptions<XdsOptions> options, TimeProvider clock) : IDisposable
{
    private const string AlternativeNames = "2.5.29.17";

    private const int NameCharsMax = 200;

    /// <summary>Files are looked at this often at most, whatever the number of new connections.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private (SslStreamCertificateContext Server, X509Certificate2Collection Authorities)? _loaded;
    private (DateTime, DateTime, DateTime) _written;
    private long _lookedAt;

    /// <summary>For a connection that begins now: what is shown, and whom the other side must be signed by.</summary>
    public SslServerAuthenticationOptions Handshake()
    {
        var (server, authorities) = Current();
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationTime = clock.GetUtcNow().UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return new()
        {
            ServerCertificateContext = server,
            ClientCertificateRequired = true,
            CertificateChainPolicy = policy,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
        };
    }

    /// <summary>Who the node is. Its word counts on this machine; elsewhere its certificate must say the same.</summary>
    /// <exception cref="GrpcException">It is not who it says, or says nothing sensible.</exception>
    public ProxyIdentity Identify(Node? node, X509Certificate2? certificate)
    {
        if (node is null || node.Id.Length == 0 || !Said.IsName(node.Id, NameCharsMax))
        {
            throw new GrpcException(
                GrpcStatus.InvalidArgument, $"node.id must be 1 to {NameCharsMax} characters, none of control, the same whenever the proxy connects.");
        }

        if (!ScopeRef.TryParse(node.Cluster, out var caller) && node.Cluster.Length > 0)
        {
            throw new GrpcException(
                GrpcStatus.InvalidArgument, $"node.cluster is '{FieldFault.Of("", node.Cluster, "").Value}' and must be application/scope, or empty.");
        }

        if (options.Value.IsTls && !MayBe(node.Cluster, certificate))
        {
            throw new GrpcException(
                GrpcStatus.PermissionDenied,
                $"The certificate is not one of scope '{node.Cluster}': it must have the name spiffe://{options.Value.TrustDomain}/scope/{node.Cluster}.");
        }

        var version = node.UserAgentBuildVersion?.Version is { } build ? $"{build.MajorNumber}.{build.MinorNumber}.{build.Patch}" : node.UserAgentVersion;
        return new(node.Id, caller, Dialects.Of(node), Said.Words($"{node.UserAgentName} {version}".Trim(), NameCharsMax));
    }

    public void Dispose() => _loaded?.Server.TargetCertificate.Dispose();

    private bool MayBe(string cluster, X509Certificate2? certificate)
    {
        var domain = $"spiffe://{options.Value.TrustDomain}";
        return certificate is not null && Names(certificate).Any(name => name == $"{domain}/platform" || name == $"{domain}/scope/{cluster}");
    }

    /// <summary>The URIs among the subject's alternative names: context tag 6 (RFC 5280 §4.2.1.6).</summary>
    private static IEnumerable<string> Names(X509Certificate2 certificate)
    {
        if (certificate.Extensions.FirstOrDefault(extension => extension.Oid?.Value == AlternativeNames) is not { } names)
        {
            yield break;
        }

        var all = new System.Formats.Asn1.AsnReader(names.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        var uri = new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 6);
        while (all.HasData)
        {
            if (all.PeekTag() == uri)
            {
                yield return all.ReadCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, uri);
            }
            else
            {
                all.ReadEncodedValue();
            }
        }
    }

    /// <summary>As the files are now; what was loaded stays in force while they cannot be read (half written, say).</summary>
    private (SslStreamCertificateContext Server, X509Certificate2Collection Authorities) Current()
    {
        lock (_gate)
        {
            if (_loaded is { } kept && clock.GetElapsedTime(_lookedAt) < LookPeriod)
            {
                return kept;
            }

            _lookedAt = clock.GetTimestamp();
            var (certificate, key, authorities) = (options.Value.Certificate!, options.Value.CertificateKey!, options.Value.ClientAuthorities!);
            var written = (File.GetLastWriteTimeUtc(certificate), File.GetLastWriteTimeUtc(key), File.GetLastWriteTimeUtc(authorities));
            if (_loaded is not null && written == _written)
            {
                return _loaded.Value;
            }

            try
            {
                X509Certificate2Collection roots = [], chain = [];
                roots.ImportFromPemFile(authorities);
                chain.ImportFromPemFile(certificate);
                _loaded = (SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(certificate, key), chain, offline: true), roots);
                _written = written;
            }
            catch (Exception failure) when (_loaded is not null && failure is IOException or System.Security.Cryptography.CryptographicException)
            {
                // Looked at again with the next period.
            }

            return _loaded!.Value;
        }
    }
}
