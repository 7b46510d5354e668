using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Host.Tests.Access;

/// <summary>A host on which a request with <see cref="Stop"/> goes no further than to its action.</summary>
public sealed class GatedHost() : RunningHost("--Fury:Auth:Token", GuardedHost.Token)
{
    public const string Stop = "X-Test-Stop";
    public const int Reached = 299;

    protected override void Configure(IServiceCollection services) =>
        services.Configure<MvcOptions>(options => options.Filters.Add(new StopHere()));

    private sealed class StopHere : IResourceFilter
    {
        public void OnResourceExecuting(ResourceExecutingContext context)
        {
            if (context.HttpContext.Request.Headers.ContainsKey(Stop))
            {
                context.Result = new StatusCodeResult(Reached);
            }
        }

        public void OnResourceExecuted(ResourceExecutedContext context)
        {
        }
    }
}

/// <summary>Every route with every role, against the decision.</summary>
public sealed class PermissionTests(GatedHost host) : IClassFixture<GatedHost>
{
    private static readonly string[] Roles = ["viewer", "developer", "releaser", "operator", "administrator"];
    private static readonly string Golden = Path.Combine(Fury.Testing.FuryProcess.Root, "tests", "Fury.Host.Tests", "Access", "permissions.approved.txt");

    [Fact]
    public void The_permissions_of_the_routes_are_the_approved_ones()
    {
        var actual = string.Join('\n', DeclaredAccess.Lines(host.Host)) + "\n";
        if (Environment.GetEnvironmentVariable("FURY_GOLDEN") == "write")
        {
            File.WriteAllText(Golden, actual);
        }

        Assert.Equal(File.Exists(Golden) ? File.ReadAllText(Golden) : "(no approved file; run ./dev golden)", actual);
    }

    [Fact]
    public void An_endpoint_that_says_nothing_keeps_the_host_from_starting()
    {
        var routes = WebApplication.CreateSlimBuilder().Build();
        routes.MapGet("/spoken", () => "").WithMetadata(new NeedsAttribute(Permission.View));
        DeclaredAccess.Require(routes);
        routes.MapPost("/silent", () => "");

        Assert.Contains("POST /silent", Assert.Throws<InvalidOperationException>(() => DeclaredAccess.Require(routes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_route_is_open_to_exactly_the_roles_that_have_its_permission()
    {
        await Call("PUT", "api/v1/applications/walked", GuardedHost.Token, new { team = "walkers" });
        await Call("PUT", "api/v1/applications/walked/scopes/test-web", GuardedHost.Token, new { });
        var everywhere = await Tokens("organisation");
        var there = await Tokens("application:walked");
        var elsewhere = await Tokens("application:another");
        var routes = DeclaredAccess.Endpoints(host.Host).Where(endpoint => endpoint.Metadata.GetMetadata<NeedsAttribute>() is not null).ToList();
        Assert.True(routes.Count > 100, "The routes were not read.");
        var wrong = new List<string>();
        foreach (var route in routes)
        {
            var needs = route.Metadata.GetMetadata<NeedsAttribute>()!;
            var names = route.RoutePattern.Parameters.Select(parameter => parameter.Name).ToList();
            foreach (var role in Roles)
            {
                var has = Has(role, needs.Permission);
                var isThere = names.Contains("application");
                await Expect(route, everywhere[role], has, sees: true, $"{role} everywhere");
                await Expect(route, there[role], has && (isThere || needs.Anywhere), sees: isThere || needs.Anywhere, $"{role} there");
                await Expect(route, elsewhere[role], has && needs.Anywhere, sees: needs.Anywhere, $"{role} elsewhere");
            }

            await Expect(route, "no-token", false, sees: false, "nobody", HttpStatusCode.Unauthorized);
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));

        async Task Expect(RouteEndpoint route, string token, bool allowed, bool sees, string who, HttpStatusCode? otherwise = null)
        {
            var needs = route.Metadata.GetMetadata<NeedsAttribute>()!;
            var method = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0] ?? "GET";
            var status = await Call(method, PathOf(route), token, stop: true);
            // Of an application or a deployment that it may not see a caller is told that there is none.
            var isThing = needs.Subject is not null || route.RoutePattern.GetParameter("application") is not null;
            var expected = otherwise ?? (isThing && !sees ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden);
            if (allowed ? status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound : status != expected)
            {
                wrong.Add($"{method} {PathOf(route)} by {who}: {(int)status}");
            }
        }
    }

    [Fact]
    public async Task Lists_hold_only_what_one_may_see_and_the_rest_is_not_there()
    {
        foreach (var (name, team) in new[] { ("listed-one", "red"), ("listed-two", "blue"), ("listed-three", "red") })
        {
            await Call("PUT", $"api/v1/applications/{name}", GuardedHost.Token, new { team });
        }

        var red = await Token("red-viewer", "viewer", "team:red");

        using var answer = await Send("GET", "api/v1/applications?limit=500", red);
        var page = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(
            ["listed-one", "listed-three"], page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
        using var hidden = await Send("GET", "api/v1/applications/listed-two", red);
        using var missing = await Send("GET", "api/v1/applications/listed-none", red);
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        Assert.Equal(
            (await missing.Content.ReadAsStringAsync()).Replace("listed-none", "listed-two", StringComparison.Ordinal),
            await hidden.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_refusal_says_what_is_missing()
    {
        using var answer = await Send("PUT", "api/v1/clusters/x", await Token("only-viewer", "viewer", "organisation"));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("operate", problem.GetProperty("permission").GetString());
        Assert.Equal(
            "The token 'only-viewer' needs the permission operate on the organisation, and has only viewer there.", problem.GetProperty("title").GetString());
    }

    [Fact]
    public async Task Me_says_who_calls_and_what_it_may_do()
    {
        var token = await Token("me-myself", "releaser", "organisation");
        using var answer = await Send("GET", "api/v1/me", token);
        Assert.Equal(
            """{"name":"me-myself","via":"token","permissions":["view","deploy","rollback","freeze","approve"],"login":null}""",
            await answer.Content.ReadAsStringAsync());

        using var nobody = await Send("GET", "api/v1/me", "");
        Assert.Equal("""{"name":null,"via":"none","permissions":[],"login":null}""", await nobody.Content.ReadAsStringAsync());
    }

    private static bool Has(string role, Permission permission) => role switch
    {
        "viewer" => permission is Permission.View,
        "developer" => permission is Permission.View or Permission.CreateVersion or Permission.Deploy or Permission.Rollback or Permission.Scale
            or Permission.Config or Permission.Secrets,
        "releaser" => permission is Permission.View or Permission.Deploy or Permission.Rollback or Permission.Freeze or Permission.Approve,
        "operator" => permission is not (Permission.Administer or Permission.CreateVersion or Permission.Secrets),
        _ => true,
    };

    private static string PathOf(RouteEndpoint route) => "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart { Name: "application" } => "walked",
            RoutePatternParameterPart { Name: "scope" } => "test-web",
            RoutePatternParameterPart { Name: "documentName" } => "v1",
            _ => "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d",
        }))));

    private async Task<Dictionary<string, string>> Tokens(string on)
    {
        var tokens = new Dictionary<string, string>();
        foreach (var role in Roles)
        {
            tokens[role] = await Token($"{role}-{on.Replace(':', '-')}", role, on);
        }

        return tokens;
    }

    private async Task<string> Token(string name, string role, string on)
    {
        using var answer = await Send("POST", "api/v1/tokens", GuardedHost.Token, new { name, role, on });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
    }

    private async Task<HttpStatusCode> Call(string method, string path, string token, object? body = null, bool stop = false)
    {
        using var answer = await Send(method, path, token, body, stop);
        return answer.StatusCode;
    }

    private Task<HttpResponseMessage> Send(string method, string path, string token, object? body = null, bool stop = false)
    {
        var content = body is null ? null : JsonContent.Create(body, body.GetType(), options: FuryJson.Options);
        var request = new HttpRequestMessage(new(method), path) { Content = content };
        if (token.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (stop)
        {
            request.Headers.Add(GatedHost.Stop, "1");
        }

        return host.Client.SendAsync(request);
    }
}
