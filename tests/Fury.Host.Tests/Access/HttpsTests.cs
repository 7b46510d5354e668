using System.Net;
using System.Security.Cryptography.X509Certificates;
using Fury.Testing;

namespace Fury.Host.Tests.Access;

/// <summary>A host that is reached over https, with a certificate of its own.</summary>
public sealed class HttpsHost : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-https-").FullName;
    private X509Certificate2? _certificate;
    private Served? _host;

    public HttpClient Client { get; private set; } = new();

    public async Task InitializeAsync()
    {
        var authority = new TestAuthority(_folder);
        _certificate = X509CertificateLoader.LoadCertificateFromFile(authority.Certificate);
        _host = new(
            "--listen", "https://127.0.0.1:0", "--Fury:Auth:Token", GuardedHost.Token,
            "--Kestrel:Certificates:Default:Path", authority.Certificate, "--Kestrel:Certificates:Default:KeyPath", authority.Key);
        await _host.InitializeAsync();
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => _certificate.Equals(shown), UseCookies = false };
        Client = new(handler) { BaseAddress = _host.Client.BaseAddress };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _host!.DisposeAsync();
        _certificate!.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Served(params string[] settings) : RunningHost(settings);
}

public sealed class HttpsTests(HttpsHost host) : IClassFixture<HttpsHost>
{
    [Fact]
    public async Task Browsers_are_told_to_come_by_https_alone()
    {
        Assert.Equal("https", host.Client.BaseAddress!.Scheme);
        using var answer = await host.Client.GetAsync("healthz/live");
        Assert.Equal("max-age=31536000", answer.Headers.GetValues("Strict-Transport-Security").Single());
    }

    [Fact]
    public async Task Cookies_are_for_this_host_over_https_alone_and_others_are_not_believed()
    {
        using var left = await host.Client.PostAsync("auth/logout", null);
        Assert.Matches(
            "^__Host-fury_session=; expires=[^;]+; path=/; secure; samesite=lax; httponly$", left.Headers.GetValues("Set-Cookie").Single());

        foreach (var (name, says) in new[] { ("fury_session", "This needs a token"), ("__Host-fury_session", "The session has ended") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/about") { Headers = { { "Cookie", $"{name}=furys_of-nobody" } } };
            using var answer = await host.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_a_certificate_it_does_not_start_and_says_what_to_set()
    {
        var refused = Assert.Throws<BadSettings>(() => Program.Build(["--listen", "https://127.0.0.1:0"]));
        Assert.Contains("Kestrel:Certificates:Default:Path", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("https://[::]:0")]
    public async Task Nothing_is_started_that_others_could_reach_without_saying_who_they_are(string listen)
    {
        var refused = Assert.Throws<BadSettings>(() => Program.Build(["--listen", listen]));
        Assert.Contains("Fury:Auth:Token", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await StartUp.Run(["--listen", listen], given => Program.Build(given)));
    }
}
