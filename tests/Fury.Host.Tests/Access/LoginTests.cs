using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Hosting;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Host.Tests.Access;

/// <summary>A host whose persons log in with a real OpenID provider.</summary>
public sealed class HostWithPersons : IAsyncLifetime
{
    private readonly OidcServer _provider = new();
    private Served? _host;

    public OidcServer Provider => _provider;

    public RunningHost Host => _host!;

    public async Task InitializeAsync()
    {
        await _provider.InitializeAsync();
        _host = new(
            "--Fury:Auth:Token", GuardedHost.Token, "--Fury:Auth:Oidc:Issuer", _provider.Issuer, "--Fury:Auth:Oidc:ClientId", "fury-web",
            "--Fury:Auth:Oidc:ClientSecret", "a-secret-of-the-web", "--Fury:Auth:Oidc:CliClientId", "fury-cli",
            "--Fury:Proxies", "127.0.0.1");
        await _host.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _host!.DisposeAsync();
        await _provider.DisposeAsync();
    }

    private sealed class Served(params string[] settings) : RunningHost(settings);
}

public sealed class LoginTests(HostWithPersons hosts) : IClassFixture<HostWithPersons>
{
    private Uri Home => hosts.Host.Client.BaseAddress!;

    [Fact]
    public async Task A_browser_logs_in_with_the_provider_and_out_again()
    {
        using var browser = OidcServer.Browser();
        var nobody = await Me(browser);
        Assert.Equal("/auth/login", nobody.GetProperty("login").GetString());

        await LogIn(browser, "ann+payments", "/somewhere?x=1");

        var me = await Me(browser);
        Assert.Equal(("ann+payments", "user"), (me.GetProperty("name").GetString(), me.GetProperty("via").GetString()));
        Assert.Contains("deploy", me.GetProperty("permissions").EnumerateArray().Select(one => one.GetString()));
        using var refused = await browser.PostAsync(new Uri(Home, "auth/logout"), null);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var logout = new HttpRequestMessage(HttpMethod.Post, new Uri(Home, "auth/logout")) { Headers = { { AccessGate.PageHeader, "1" } } };
        using var left = await browser.SendAsync(logout);
        Assert.Equal(HttpStatusCode.NoContent, left.StatusCode);
        Assert.Equal("none", (await Me(browser)).GetProperty("via").GetString());
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_of_other_sites()
    {
        using var browser = OidcServer.Browser();
        var cookie = await LogIn(browser, "bea", "/");

        Assert.Matches("^fury_session=furys_[^;]+; expires=[^;]+; path=/; samesite=lax; httponly$", cookie);
        foreach (var (header, origin, status) in new[]
        {
            (null, null, HttpStatusCode.Forbidden), ("1", "http://evil.example.com", HttpStatusCode.Forbidden), ("1", "null", HttpStatusCode.Forbidden),
            ("1", Home.GetLeftPart(UriPartial.Authority), HttpStatusCode.NotFound),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(Home, "api/v1/applications/of-a-page"));
            request.Content = JsonContent.Create(new { team = "x" });
            if (header is not null)
            {
                request.Headers.Add(AccessGate.PageHeader, header);
            }

            if (origin is not null)
            {
                request.Headers.Add("Origin", origin);
            }

            using var answer = await browser.SendAsync(request);
            Assert.Equal(status, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_login_that_was_not_begun_in_this_browser_ends_nowhere()
    {
        using var victim = OidcServer.Browser();
        using var attacker = OidcServer.Browser();
        using var begun = await attacker.GetAsync(new Uri(Home, "auth/login"));
        var back = await hosts.Provider.LogIn(attacker, begun.Headers.Location!.ToString(), "mallory");

        using var forged = await victim.GetAsync(back);
        Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
        using var mine = await attacker.GetAsync(back);
        Assert.Equal(HttpStatusCode.Redirect, mine.StatusCode);
        using var again = await attacker.GetAsync(back);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    [Fact]
    public async Task Behind_a_proxy_with_TLS_a_login_is_one_over_https()
    {
        using var browser = OidcServer.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Home, "auth/login"));
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var begun = await browser.SendAsync(request);

        Assert.Contains("redirect_uri=https%3A", begun.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Matches("^__Host-fury_login=[^;]+; .*secure", begun.Headers.GetValues("Set-Cookie").Single());
        Assert.True(begun.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Behind_a_proxy_the_trail_knows_the_address_that_the_proxy_has_seen_and_none_that_somebody_claims()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "auth/callback?state=of-nobody&code=1");
        request.Headers.Add("X-Forwarded-For", "6.6.6.6, 203.0.113.7");
        using var forged = await hosts.Host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
        await hosts.Host.Host.Services.GetServices<IReconciler>().Single(one => one.Name == "access failed sign-ins").Pass(0, default);

        using var ask = new HttpRequestMessage(HttpMethod.Get, "api/v1/audit?result=denied&limit=100");
        ask.Headers.Authorization = new AuthenticationHeaderValue("Bearer", GuardedHost.Token);
        using var trail = await hosts.Host.Client.SendAsync(ask);
        var rows = await trail.Content.ReadAsStringAsync();
        Assert.Contains("\"from\":\"203.0.113.7\"", rows, StringComparison.Ordinal);
        Assert.DoesNotContain("6.6.6.6", rows, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example.com")]
    [InlineData("/\\evil.example.com")]
    [InlineData("https://evil.example.com")]
    [InlineData("/\u00e4")]
    public async Task A_login_leads_back_to_this_host_alone(string elsewhere)
    {
        using var browser = OidcServer.Browser();
        using var begun = await browser.GetAsync(new Uri(Home, $"auth/login?return={Uri.EscapeDataString(elsewhere)}"));
        using var back = await browser.GetAsync(await hosts.Provider.LogIn(browser, begun.Headers.Location!.ToString(), "carl"));
        Assert.Equal("/", back.Headers.Location?.ToString());
    }

    [Fact]
    public async Task The_owning_team_may_deploy_and_others_see_nothing()
    {
        using (var made = new HttpRequestMessage(HttpMethod.Put, "api/v1/applications/owned") { Content = JsonContent.Create(new { team = "owners-of-it" }) })
        {
            made.Headers.Authorization = new("Bearer", GuardedHost.Token);
            using var answer = await hosts.Host.Client.SendAsync(made);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        using var owner = OidcServer.Browser();
        await LogIn(owner, "olga+owners-of-it", "/");
        using var other = OidcServer.Browser();
        await LogIn(other, "otto+others", "/");

        using var seen = await owner.GetAsync(new Uri(Home, "api/v1/applications/owned"));
        using var unseen = await other.GetAsync(new Uri(Home, "api/v1/applications/owned"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (seen.StatusCode, unseen.StatusCode));
    }

    [Fact]
    public async Task A_program_logs_a_person_in_by_the_device_flow_and_the_providers_own_token_opens_too()
    {
        using var http = new HttpClient();
        var settings = await http.GetFromJsonAsync<JsonElement>(new Uri(Home, "auth/settings"));
        var client = settings.GetProperty("clientId").GetString()!;
        var begun = await Post(http, "device/auth", ("client_id", client), ("scope", "openid"));
        using var browser = OidcServer.Browser();
        await hosts.Provider.LogIn(browser, begun.GetProperty("verification_uri_complete").GetString()!, "dora+data");
        var grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
        var token = (await Post(http, "token", grant, ("device_code", begun.GetProperty("device_code").GetString()!), ("client_id", client)))
            .GetProperty("id_token").GetString()!;

        Assert.Equal("dora+data", (await Me(http, token)).GetProperty("name").GetString());
        using var answer = await http.PostAsJsonAsync(new Uri(Home, "auth/session"), new { token });
        var session = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString();
        Assert.Equal("dora+data", (await Me(http, session)).GetProperty("name").GetString());

        using var logout = new HttpRequestMessage(HttpMethod.Post, new Uri(Home, "auth/logout"));
        logout.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session);
        using var _ = await http.SendAsync(logout);
        Assert.Equal("none", (await Me(http, session)).GetProperty("via").GetString());
    }

    private async Task<JsonElement> Post(HttpClient http, string path, params (string Name, string Value)[] form)
    {
        var content = new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
        using var answer = await http.PostAsync($"{hosts.Provider.Issuer}/{path}", content);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <returns>The cookie of the session, as it was set.</returns>
    private async Task<string> LogIn(HttpClient browser, string name, string to)
    {
        using var begun = await browser.GetAsync(new Uri(Home, $"auth/login?return={Uri.EscapeDataString(to)}"));
        var back = await hosts.Provider.LogIn(browser, begun.Headers.Location!.ToString(), name);
        using var home = await browser.GetAsync(back);
        Assert.True(home.StatusCode == HttpStatusCode.Redirect, await home.Content.ReadAsStringAsync());
        Assert.Equal(to, home.Headers.Location?.ToString());
        return home.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("fury_session", StringComparison.Ordinal));
    }

    private async Task<JsonElement> Me(HttpClient http, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Home, "api/v1/me"));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
