using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Service.Discovery.V3;
using Fury.Xds.Framing;

namespace Fury.Xds.Tests.Framing;

public sealed class TlsTests
{
    [Fact]
    public async Task Both_sides_show_a_certificate_and_the_caller_judges_the_servers()
    {
        using var ofServer = Certificate("CN=plane");
        using var ofClient = Certificate("CN=proxy");
        using var handler = GrpcTransport.CreateHandler(ofClient, (_, certificate, _, _) => certificate?.Subject == "CN=plane");
        await using var server = await StartServer(ofServer, handler);
        await using var stream = server.Open();

        Assert.Equal("CN=proxy", (await stream.Read<DiscoveryResponse>(CancellationToken.None))?.Nonce);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_whose_certificate_is_not_trusted_is_unavailable(bool byTheCaller)
    {
        using var ofServer = Certificate("CN=other");
        using var ofClient = Certificate("CN=proxy");
        using var handler = GrpcTransport.CreateHandler(ofClient, byTheCaller ? (_, certificate, _, _) => certificate?.Subject == "CN=plane" : null);
        await using var server = await StartServer(ofServer, handler);
        await using var stream = server.Open();

        var failure = await Assert.ThrowsAsync<GrpcException>(() => stream.Read<DiscoveryResponse>(CancellationToken.None).AsTask());
        Assert.Equal(GrpcStatus.Unavailable, failure.Status);
    }

    private static Task<GrpcServer> StartServer(X509Certificate2 certificate, SocketsHttpHandler handler) => GrpcServer.StartRaw(
        async context =>
        {
            var stream = new GrpcServerStream(context, GrpcLimits.Default, TimeProvider.System);
            await stream.Begin();
            await stream.Write(new DiscoveryResponse { Nonce = context.Connection.ClientCertificate?.Subject ?? "nobody" }, CancellationToken.None);
            await stream.Finish(GrpcStatus.Ok);
        },
        certificate: certificate,
        handler: handler);

    private static X509Certificate2 Certificate(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
