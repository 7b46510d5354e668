using System.Net.Http.Headers;
using Fury.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Host.Tests.Access;

/// <summary>A host with an OpenID provider that does not answer.</summary>
public sealed class HostWithoutProvider() : RunningHost(
    "--Fury:Auth:Token", GuardedHost.Token, "--Fury:Auth:Oidc:Issuer", "http://127.0.0.1:9", "--Fury:Auth:Oidc:ClientId", "fury");

public sealed class AwayProviderTests(HostWithoutProvider host) : IClassFixture<HostWithoutProvider>
{
    [Fact]
    public async Task Nobody_stands_in_the_trail_as_refused_because_the_provider_is_away()
    {
        (await host.Client.GetAsync("auth/login")).Dispose();
        await host.Host.Services.GetServices<IReconciler>().Single(one => one.Name == "access failed sign-ins").Pass(0, default);

        using var ask = new HttpRequestMessage(HttpMethod.Get, "api/v1/audit?limit=100");
        ask.Headers.Authorization = new AuthenticationHeaderValue("Bearer", GuardedHost.Token);
        using var trail = await host.Client.SendAsync(ask);
        trail.EnsureSuccessStatusCode();
        Assert.DoesNotContain("sign-in", await trail.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
