using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Host.Tests.Access;

/// <summary>A host with few requests for each caller.</summary>
public sealed class BusyHost() : RunningHost("--Fury:Auth:Token", GuardedHost.Token, "--Fury:Limits:PerSecond", "1", "--Fury:Limits:Burst", "5");

public sealed class AuditTrailTests(GuardedHost host) : IClassFixture<GuardedHost>
{
    [Fact]
    public async Task Changes_and_refusals_are_kept_before_their_answer_and_reading_is_not()
    {
        var (created, _) = await Send("PUT", "api/v1/applications/audited", GuardedHost.Token, new { team = "core" });
        Assert.Equal(HttpStatusCode.Created, created);
        var secret = (await Send("POST", "api/v1/tokens", GuardedHost.Token, new { name = "nosy", role = "viewer" })).Body.GetProperty("secret").GetString()!;
        await Send("GET", "api/v1/applications", secret);
        await Send("PUT", "api/v1/applications/audited", secret, new { team = "mine" });
        await Send("GET", "api/v1/audit", secret);

        var entries = (await Send("GET", "api/v1/audit", GuardedHost.Token)).Body.GetProperty("items").EnumerateArray().Reverse()
            .Where(entry => !entry.GetProperty("path").GetString()!.Contains("other", StringComparison.Ordinal))
            .Select(entry => string.Join(' ', new[] { "caller", "method", "route", "permission", "result", "status" }.Select(name => Of(entry, name))));
        Assert.Equal(
            [
                "token PUT api/v1/applications/{application} administer allowed 201",
                "token POST api/v1/tokens view allowed 201",
                "nosy PUT api/v1/applications/{application} administer denied 403",
                "nosy GET api/v1/audit operate denied 403",
            ],
            entries);
        var text = (await Send("GET", "api/v1/audit", GuardedHost.Token)).Body.ToString();
        Assert.DoesNotContain(secret.Split('_')[^1], text, StringComparison.Ordinal);
        Assert.Contains("\"role\":\"viewer\"", text, StringComparison.Ordinal);

        var verdict = (await Send("GET", "api/v1/audit/verify", GuardedHost.Token)).Body;
        Assert.False(verdict.TryGetProperty("brokenAt", out _));
        Assert.True(verdict.GetProperty("rows").GetInt64() >= 4);
    }

    [Fact]
    public async Task Every_answer_tells_browsers_what_it_is_not()
    {
        foreach (var path in new[] { "healthz/live", "nowhere", "api/v1/me", "api/v1/applications" })
        {
            using var answer = await host.Client.GetAsync(path);
            Assert.Equal(SecurityHeaders.DataPolicy, answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());
        }

        Assert.DoesNotContain("script-src 'self' 'unsafe", SecurityHeaders.PagePolicy, StringComparison.Ordinal);
    }

    private static string Of(JsonElement entry, string name) => entry.GetProperty(name).ToString();

    private Task<(HttpStatusCode Status, JsonElement Body)> Send(string method, string path, string token, object? body = null) =>
        Sending.Send(host.Client, method, path, token, body);
}

public sealed class RateLimitTests(BusyHost host) : IClassFixture<BusyHost>
{
    [Fact]
    public async Task A_caller_that_asks_too_often_is_told_so_and_others_are_not()
    {
        async Task<string> Token(string name) => (await Sending.Send(
            host.Client, "POST", "api/v1/tokens", GuardedHost.Token, new { name, role = "viewer" })).Body.GetProperty("secret").GetString()!;

        var (hasty, patient) = (await Token("hasty"), await Token("patient"));
        var statuses = new List<HttpStatusCode>();
        // A machine with too much to do may take a second for some of these, and be given a request more.
        for (var number = 0; number < 60 && !statuses.Contains(HttpStatusCode.TooManyRequests); number++)
        {
            statuses.Add((await Sending.Send(host.Client, "GET", "api/v1/me", hasty)).Status);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        await AssertToldWhen(hasty);
        Assert.True(statuses.Count > 5, $"{statuses.Count}");
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/me") { Headers = { Authorization = new("Bearer", patient) } };
        using var answer = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(("5", "4"), (answer.Headers.GetValues("RateLimit-Limit").Single(), answer.Headers.GetValues("RateLimit-Remaining").Single()));
        Assert.Equal(HttpStatusCode.OK, (await Sending.Send(host.Client, "GET", "api/v1/me", GuardedHost.Token)).Status);
    }

    private async Task AssertToldWhen(string hasty)
    {
        for (var number = 0; number < 60; number++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/me") { Headers = { Authorization = new("Bearer", hasty) } };
            using var answer = await host.Client.SendAsync(request);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
                Assert.Equal("0", answer.Headers.GetValues("RateLimit-Remaining").Single());
                Assert.Equal("5", answer.Headers.GetValues("RateLimit-Reset").Single());
                Assert.Contains("\"kind\":\"throttled\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                return;
            }
        }

        Assert.Fail("It is never told.");
    }
}

internal static class Sending
{
    public static async Task<(HttpStatusCode Status, JsonElement Body)> Send(HttpClient client, string method, string path, string token, object? body = null)
    {
        using var request = new HttpRequestMessage(new(method), path) { Headers = { Authorization = new("Bearer", token) } };
        request.Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: FuryJson.Options);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }
}
