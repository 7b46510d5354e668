using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Fury.Host.Tests.Access;

/// <summary>Somebody who tries tokens is told to wait, and keeps nobody out of the same address who has shown a good one there.</summary>
public sealed class SignInLimitTests(GuardedHost host) : IClassFixture<GuardedHost>
{
    private const int TriesMax = 5_000;

    [Fact]
    public async Task What_opens_nothing_is_not_looked_up_without_end_and_what_has_opened_still_does()
    {
        var (known, unknown) = (await Token("known"), await Token("unknown"));
        Assert.Equal(HttpStatusCode.OK, (await Ask(known)).Status);

        // Many at once, since one gets a try back each tenth of a second.
        var tries = 0;
        (HttpStatusCode Status, bool Later) refused = default;
        while (refused.Status != HttpStatusCode.TooManyRequests)
        {
            Assert.True(tries < TriesMax, "It may try without end.");
            var answers = await Task.WhenAll(Enumerable.Range(tries, 50).Select(number => Ask($"fury_{number}")));
            Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests));
            (refused, tries) = (answers.MaxBy(answer => answer.Status), tries + answers.Length);
        }

        Assert.True(refused.Later);
        Assert.Equal(HttpStatusCode.OK, (await Ask(known)).Status);
        while ((await Ask(unknown)).Status != HttpStatusCode.OK)
        {
            Assert.True(tries++ < TriesMax, "It never may try again.");
        }
    }

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("::ffff:203.0.113.9", "203.0.113.9")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    public void Of_an_IPv6_address_the_network_is_counted(string address, string source) =>
        Assert.Equal(source, Addresses.SourceOf(IPAddress.Parse(address)));

    private async Task<(HttpStatusCode Status, bool Later)> Ask(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/applications") { Headers = { Authorization = new("Bearer", token) } };
        using var answer = await host.Client.SendAsync(request);
        return (answer.StatusCode, answer.Headers.RetryAfter is not null);
    }

    private async Task<string> Token(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/tokens")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", GuardedHost.Token) },
            Content = JsonContent.Create(new { name, role = "viewer" }),
        };
        using var made = await host.Client.SendAsync(request);
        return (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
    }
}
