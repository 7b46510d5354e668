using System.Net;
using System.Text.Json;
using Fury.Access.Contracts;
using Fury.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Host.Tests.Access;

/// <summary>What the audit trail says of a change: what there was, and what there is.</summary>
public sealed class RecordedTests(GuardedHost host) : IClassFixture<GuardedHost>
{
    // These tell it themselves, since their answers hold more than may be kept; or they hand on what a cluster is asked, and have nothing that was before.
    private static readonly string[] OtherRoutes =
    [
        "api/v1/applications/{application}", "api/v1/access/", "api/v1/tokens", "cluster-api/", "api/v1/mesh/proxies/",
    ];

    private static readonly string[] OfScopes =
    [
        "api/v1/applications/{application}/scopes/{scope}", "api/v1/applications/{application}/scopes/{scope}/replicas",
    ];

    [Fact]
    public void Every_route_that_changes_something_says_what()
    {
        var silent = DeclaredAccess.Endpoints(host.Host)
            .Where(endpoint => endpoint.Metadata.GetMetadata<NeedsAttribute>() is { } needs && (needs.Permission != Permission.View || needs.Anywhere))
            .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Any(method => method is not ("GET" or "HEAD")) == true)
            .Where(endpoint => endpoint.Metadata.GetMetadata<RecordedAttribute>() is null)
            .Select(endpoint => endpoint.RoutePattern.RawText!)
            .Where(route => route != OtherRoutes[0] && !OtherRoutes[1..].Any(route.StartsWith) && !OfScopes.Contains(route));
        Assert.Empty(silent);
    }

    [Fact]
    public async Task What_was_before_and_what_is_after_stand_beside_each_other()
    {
        var freeze = new { reason = "year end", by = "ann" };
        await Send("PUT", "api/v1/freezes/year-end", freeze);
        await Send("PUT", "api/v1/freezes/year-end", freeze with { reason = "it is December" });
        await Send("POST", "api/v1/freezes/year-end/remove", new { reason = "it is over", by = "ann" });
        await Send("PUT", "api/v1/webhooks/chat", new { url = "https://chat.example.com/hooks/of-ours?key=7", secret = "a-secret-of-sixteen" });
        await Send("PUT", "api/v1/applications/recorded", new { team = "core" });
        await Send("PUT", "api/v1/applications/recorded/scopes/test-web", new { });
        await Send("PUT", "api/v1/applications/recorded/services/objects/invoices", null);
        var binding = "api/v1/applications/recorded/scopes/test-web/bindings/objects/invoices";
        await Send("PUT", binding, new { route = new { driver = "local", resource = "invoices" }, reason = "first", by = "ann" });
        await Send("PUT", binding, new { route = new { driver = "local", resource = "bills" }, reason = "another", by = "ann" });
        await Send("PUT", "api/v1/freezes/year-end", new { });

        var entries = (await Send("GET", "api/v1/audit?limit=100", null)).GetProperty("items").EnumerateArray().Reverse().ToList();
        Assert.Equal(
            [(null, "year end"), ("year end", "it is December"), ("it is December", null), (null, null)],
            entries.Where(one => Text(one, "path")!.StartsWith("/api/v1/freezes", StringComparison.Ordinal))
                .Select(one => (Text(one, "before", "reason"), Text(one, "after", "reason"))));
        Assert.Equal(
            [(null, "invoices"), ("invoices", "bills")],
            entries.Where(one => Text(one, "path") == $"/{binding}")
                .Select(one => (Text(one, "before", "route", "resource"), Text(one, "after", "route", "resource"))));
        var webhook = entries.Single(one => Text(one, "path") == "/api/v1/webhooks/chat");
        Assert.Equal("https://chat.example.com", Text(webhook, "after", "url")?.TrimEnd('/'));
        Assert.DoesNotContain(entries, one => one.GetRawText().Contains("of-ours", StringComparison.Ordinal)
            || one.GetRawText().Contains("of-sixteen", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_tries_to_get_in_is_in_the_trail_once_and_not_once_a_try()
    {
        for (var number = 0; number < 30; number++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/about") { Headers = { Authorization = new("Bearer", $"guessed-{number}") } };
            using var refused = await host.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var forged = await host.Client.GetAsync("auth/callback?state=of-nobody&code=1");
        Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
        await host.Host.Services.GetServices<IReconciler>().Single(one => one.Name == "access failed sign-ins").Pass(0, default);

        var rows = (await Send("GET", "api/v1/audit?result=denied&limit=100", null)).GetProperty("items").EnumerateArray()
            .Where(one => Text(one, "route") == "sign-in").ToList();
        // The host's own pass may have come in between, once.
        Assert.InRange(rows.Count, 1, 2);
        Assert.Equal(31, rows.Sum(one => int.Parse(Text(one, "why")!.Split(' ')[0])));
        Assert.All(rows, one => Assert.Equal(("", "127.0.0.1"), (Text(one, "caller"), Text(one, "from"))));
        Assert.Contains("There is no such token.", string.Concat(rows.Select(one => Text(one, "why"))), StringComparison.Ordinal);
        Assert.DoesNotContain("guessed", string.Concat(rows.Select(one => one.GetRawText())), StringComparison.Ordinal);
    }

    private static string? Text(JsonElement entry, params string[] path)
    {
        foreach (var name in path)
        {
            if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty(name, out entry))
            {
                return null;
            }
        }

        return entry.ToString();
    }

    private async Task<JsonElement> Send(string method, string path, object? body) =>
        (await Sending.Send(host.Client, method, path, GuardedHost.Token, body)).Body;
}
