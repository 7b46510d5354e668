using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fury.Sidecar.Following;
using Fury.Testing;

namespace Fury.Sidecar.Tests.Following;

public sealed class ControlPlanesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fury-sidecar-tests");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("ControlPlanes", "http://10.0.0.1:7082")]
    [InlineData("ControlPlanes", "http://127.0.0.1:7082,ftp://127.0.0.1")]
    [InlineData("ControlPlanes", "http://127.0.0.1:7082/path")]
    [InlineData("ControlPlanes", "nonsense")]
    [InlineData("Certificate", "https://fury.example:7082")]
    public void An_address_that_cannot_be_used_is_refused_by_a_sentence_that_names_the_setting(string setting, string controlPlanes)
    {
        var refused = new SidecarOptionsRules().Validate(null, new SidecarOptions { ControlPlanes = controlPlanes });

        Assert.True(refused.Failed);
        Assert.StartsWith($"Sidecar:{setting} is '", refused.FailureMessage);
    }

    [Fact]
    public void Addresses_of_this_machine_need_no_certificates_and_a_scope_must_be_one()
    {
        var rules = new SidecarOptionsRules();

        Assert.True(rules.Validate(null, new() { ControlPlanes = "http://127.0.0.1:1, http://localhost:2" }).Succeeded);
        Assert.True(rules.Validate(null, new() { Scope = "shop/production-web" }).Succeeded);
        Assert.True(rules.Validate(null, new() { Scope = "shop" }).Failed);
        Assert.True(rules.Validate(null, new() { Name = "" }).Failed);
    }

    [Fact]
    public void Pauses_grow_to_their_bound_and_are_never_the_same_for_all()
    {
        var (one, two) = (new Backoff(new Random(1)), new Backoff(new Random(2)));
        var bound = Backoff.Min;
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var (first, second) = (one.Next(), two.Next());
            Assert.InRange(first, bound / 2, bound);
            Assert.InRange(second, bound / 2, bound);
            Assert.NotEqual(first, second);
            bound = bound * 2 < Backoff.Max ? bound * 2 : Backoff.Max;
        }

        one.Reset();
        Assert.InRange(one.Next(), Backoff.Min / 2, Backoff.Min);
    }

    [Fact]
    public async Task A_sidecar_says_who_it_is_and_is_the_same_after_a_restart()
    {
        await using var plane = await ScriptedControlPlane.Start();
        await using var world = await World.Following([new("Sidecar:Scope", "shop/production-api")], plane);
        await Eventually.True(() => plane.Do(model => model.Heard.Count) > 0);

        var node = plane.Do(model => model.Heard[0].Node);

        Assert.Equal($"{Environment.MachineName}:{world.Address.Port}", node.Id);
        Assert.Equal(("shop/production-api", "fury-sidecar"), (node.Cluster, node.UserAgentName));
        Assert.NotEmpty(node.UserAgentVersion);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_control_plane_with_tls_is_followed_when_one_of_the_authorities_has_signed_it(bool isOurs)
    {
        var pool = World.Pool();
        using var ours = Authority("ours");
        using var theirs = Authority("theirs");
        using var server = Signed(isOurs ? ours : theirs, "localhost", IPAddress.Loopback);
        using var client = Signed(ours, "sidecar", IPAddress.Loopback);
        await using var plane = await ScriptedControlPlane.Start(certificate: server);
        await using var world = await World.Following(
            [
                new("Sidecar:Certificate", Write("certificate", client.ExportCertificatePem())),
                new("Sidecar:CertificateKey", Write("key", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())),
                new("Sidecar:Authorities", Write("authorities", ours.ExportCertificatePem())),
            ],
            plane);
        var backend = await world.Backend("one");
        plane.Put(Resources.Listener(), Resources.Route(Resources.Scope, (pool, 1)), Resources.PoolCluster(pool), Resources.Endpoints(pool, backend.Port));

        using var response = await world.Get();

        Assert.Equal(isOurs ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(isOurs ? 1 : 0, plane.Streams);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
    }

    private static X509Certificate2 Signed(X509Certificate2 authority, string name, IPAddress address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(authority, authority.NotBefore, authority.NotAfter, [1, 2, 3, 4]);
        return bare.CopyWithPrivateKey(key);
    }

    private string Write(string name, string pem)
    {
        var path = Path.Combine(_folder.FullName, $"{name}.pem");
        File.WriteAllText(path, pem);
        return path;
    }
}
