using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;
using Fury.Testing;
using Fury.Xds;
using Fury.Xds.Framing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fury.Mesh.Tests;

/// <summary>The listener that other machines reach: who may connect, as whom, and what happens when certificates are replaced.</summary>
public sealed class XdsTlsTests : MeshTest
{
    private const string Platform = "spiffe://fury/platform";
    private static readonly ScopeRef Scope = MeshHost.Scope();

    private readonly string _folder = Directory.CreateTempSubdirectory("fury-test-").FullName;

    private string CertificateFile => Path.Combine(_folder, "server.pem");

    private string KeyFile => Path.Combine(_folder, "server-key.pem");

    private string AuthoritiesFile => Path.Combine(_folder, "authorities.pem");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_proxy_speaks_for_the_scope_that_its_certificate_names_and_the_platform_for_any()
    {
        using var authority = new TestAuthority("authority");
        var host = await Serve(authority);
        var proxy = authority.Client($"spiffe://fury/scope/{Scope}");

        await using var own = await Connect(host, authority, proxy, $"{Scope}");
        await using var platform = await Connect(host, authority, authority.Client(Platform), "shop/production-other");
        var refused = await Assert.ThrowsAsync<GrpcException>(() => Connect(host, authority, proxy, "shop/production-other"));

        Assert.Equal(GrpcStatus.PermissionDenied, refused.Status);
        Assert.Equal(
            "The certificate is not one of scope 'shop/production-other': it must have the name spiffe://fury/scope/shop/production-other.",
            refused.Message);
    }

    [Fact]
    public async Task Without_a_certificate_of_the_authority_there_is_no_handshake()
    {
        using var authority = new TestAuthority("authority");
        using var stranger = new TestAuthority("stranger");
        var host = await Serve(authority);

        foreach (var certificate in new[] { null, stranger.Client(Platform) })
        {
            var refused = await Assert.ThrowsAsync<GrpcException>(() => Connect(host, authority, certificate, $"{Scope}"));
            Assert.Equal(GrpcStatus.Unavailable, refused.Status);
        }

        Assert.Empty(host.Hub.All());
        await using var known = await Connect(host, authority, authority.Client(Platform), $"{Scope}");
    }

    [Fact]
    public async Task Replaced_files_count_for_new_connections_and_old_streams_go_on()
    {
        using var before = new TestAuthority("before");
        using var after = new TestAuthority("after");
        var host = await Serve(before);
        await using var old = await Connect(host, before, before.Client(Platform), $"{Scope}");

        // Half of it is not enough: the certificate is there, and the key is still that of the other.
        var next = after.Server("plane");
        await File.WriteAllTextAsync(CertificateFile, next.ExportCertificatePem());
        await using (await Connect(host, before, before.Client(Platform), $"{Scope}"))
        {
            Write(after, next);
        }

        await Eventually.True(async () =>
        {
            try
            {
                await using var connected = await Connect(host, after, after.Client(Platform), $"{Scope}");
                return true;
            }
            catch (GrpcException refused) when (refused.Status == GrpcStatus.Unavailable)
            {
                return false;
            }
        });
        await Assert.ThrowsAsync<GrpcException>(() => Connect(host, after, before.Client(Platform), $"{Scope}"));

        await host.Publish(Scope, 1, new PoolWeight(await host.ReadyPool(Scope), 100));
        await host.Feed.Refresh(default);
        Assert.Equal(TypeUrls.RouteConfiguration, (await old.Next()).TypeUrl);
    }

    [Fact]
    public async Task Authorities_in_between_are_shown_and_taken()
    {
        using var top = new TestAuthority("top");
        using var between = new TestAuthority("between", top);
        var host = await Serve(top, between);

        await using var connected = await Connect(host, top, between.Client(Platform), $"{Scope}", [between.Certificate]);
    }

    [Theory]
    [InlineData("http://0.0.0.0:7082", "is 'http://0.0.0.0:7082' and is reachable by other machines, so it must be https:// with certificates")]
    [InlineData("https://127.0.0.1:0", "Mesh:Xds:Certificate is '' and must be a PEM file, since Mesh:Xds:Listen is https")]
    public async Task What_would_not_be_safe_is_refused_at_the_start_with_what_would_be(string listen, string sentence)
    {
        var host = Another(services => services.Configure<XdsOptions>(options => options.Listen = listen));

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(host.Serve);

        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A host with a certificate that the authority, or one below it, has signed. It has an empty table for the scope.</summary>
    private async Task<MeshHost> Serve(TestAuthority authority, TestAuthority? signer = null)
    {
        Write(authority, (signer ?? authority).Server("plane"), signer);
        await Mesh.Publish(Scope, 1);
        return await Another(services =>
        {
            services.Configure<XdsOptions>(options =>
            {
                options.Listen = "https://127.0.0.1:0";
                (options.Certificate, options.CertificateKey, options.ClientAuthorities) = (CertificateFile, KeyFile, AuthoritiesFile);
            });

            // Kestrel's TLS counts by what the host's web server has brought along; here there is none.
            services.AddMetrics();
            services.Add(WebApplication.CreateSlimBuilder().Services.Where(
                service => service.ServiceType.FullName!.StartsWith("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal)));
        }).Serve();
    }

    private void Write(TestAuthority authority, X509Certificate2 server, TestAuthority? signer = null)
    {
        File.WriteAllText(CertificateFile, $"{server.ExportCertificatePem()}\n{signer?.Chain}");
        File.WriteAllText(KeyFile, server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(AuthoritiesFile, authority.Certificate.ExportCertificatePem());
    }

    private static async Task<Connection> Connect(
        MeshHost host, TestAuthority trusted, X509Certificate2? certificate, string cluster, X509Certificate2Collection? between = null)
    {
        var connection = new Connection(host.Xds.Address, trusted, certificate, between);
        try
        {
            await connection.Subscribe(cluster);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A stream over a connection of its own, which trusts one authority only.</summary>
    private sealed class Connection(Uri server, TestAuthority trusted, X509Certificate2? certificate, X509Certificate2Collection? between)
        : IAsyncDisposable
    {
        private readonly HttpMessageInvoker _http = new(Handler(trusted, certificate, between));
        private GrpcClientStream? _stream;

        public async Task Subscribe(string cluster)
        {
            _stream = GrpcClientStream.Open(_http, server, XdsMethods.DeltaAggregatedResources, GrpcLimits.Default, TimeProvider.System);
            try
            {
                await _stream.Write(
                    new DeltaDiscoveryRequest
                    {
                        Node = new() { Id = $"{Guid.NewGuid()}", Cluster = cluster, UserAgentName = MeshProtocol.SidecarAgent },
                        TypeUrl = TypeUrls.RouteConfiguration,
                        ResourceNamesSubscribe = { MeshNames.Of(Scope) },
                    },
                    default);
            }
            catch (GrpcException)
            {
                // Reading tells why.
            }

            var routes = RouteConfiguration.Parser.ParseFrom(Assert.Single((await Next()).Resources).Resource_.Value);
            Assert.Equal(MeshNames.Of(Scope), routes.Name);
        }

        public async Task<DeltaDiscoveryResponse> Next()
        {
            using var deadline = new CancellationTokenSource(Eventually.Deadline);
            var response = await _stream!.Read<DeltaDiscoveryResponse>(deadline.Token);
            Assert.NotNull(response);
            await _stream.Write(new DeltaDiscoveryRequest { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce }, default);
            return response;
        }

        public async ValueTask DisposeAsync()
        {
            if (_stream is not null)
            {
                await _stream.DisposeAsync();
            }

            _http.Dispose();
        }

        private static SocketsHttpHandler Handler(TestAuthority trusted, X509Certificate2? certificate, X509Certificate2Collection? between)
        {
            var handler = GrpcTransport.CreateHandler(certificate);
            handler.SslOptions.CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { trusted.Certificate },
                RevocationMode = X509RevocationMode.NoCheck,
            };
            if (between is not null)
            {
                handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate!, between, offline: true);
            }

            return handler;
        }
    }
}
