using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Sdk.Tests.Fakes;

/// <summary>
/// A fake of a service that cannot be had here, on loopback. It is not the service: it takes what the public reference of the service's API says, refuses all
/// else, and answers as the reference says. What the service does beyond its reference it does not know.
/// </summary>
public abstract class FakeService : IAsyncLifetime
{
    private WebApplication _app = null!;

    public Uri Home { get; private set; } = null!;

    /// <summary>The name of an environment variable for a credential to this fake.</summary>
    protected string Variable(string what) => $"FURY_TEST_{what}_{Home.Port}";

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(Answer);
        await _app.StartAsync();
        Home = new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/");
        Begin();
    }

    public virtual async Task DisposeAsync() => await _app.DisposeAsync();

    /// <summary>What is done when the address is known.</summary>
    protected abstract void Begin();

    protected abstract Task Answer(HttpContext context);

    /// <summary>The path as it was sent, not made prettier.</summary>
    protected static string RawPath(HttpContext context) => context.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0];

    protected static string[] Segments(HttpContext context) =>
        [.. RawPath(context).TrimStart('/').Split('/').Select(Uri.UnescapeDataString)];

    /// <summary>Null for what is no JSON object.</summary>
    protected static async Task<JsonObject?> Body(HttpRequest request)
    {
        try
        {
            return request.ContentType?.Contains("json", StringComparison.Ordinal) == true ? await JsonNode.ParseAsync(request.Body) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    protected static async Task Write(HttpContext context, int code, JsonNode? body, string type = "application/json; charset=UTF-8")
    {
        context.Response.StatusCode = code;
        if (body is not null)
        {
            context.Response.ContentType = type;
            await context.Response.WriteAsync(body.ToJsonString());
        }
    }
}
