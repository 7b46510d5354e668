using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Fury.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Cli.Tests;

/// <summary>A request as it came.</summary>
internal sealed record Seen(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A host on a loopback port that answers what a test tells it to; anything else is a 404 as the real one writes it.</summary>
internal sealed class FakeApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new();

    private FakeApi(WebApplication app) => _app = app;

    public ConcurrentQueue<Seen> Requests { get; } = new();

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Asked first; true when it has answered.</summary>
    public Func<HttpContext, Task<bool>>? Otherwise { get; set; }

    public static async Task<FakeApi> Start(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var api = new FakeApi(app);
        app.Run(api.Handle);
        await app.StartAsync();
        return api;
    }

    /// <summary>Answers the path (with its query, when it has one) with JSON.</summary>
    public FakeApi Answers(string method, string path, object value, int status = 200) =>
        On(method, path, context => Write(context, status, value as string ?? JsonSerializer.Serialize(value, value.GetType(), FuryJson.Options)));

    public FakeApi On(string method, string path, RequestDelegate answer)
    {
        _answers[$"{method} {path}"] = answer;
        return this;
    }

    public static async Task Write(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = status < 400 ? "application/json" : "application/problem+json";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(json));
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task Handle(HttpContext context)
    {
        if (Otherwise is { } otherwise && await otherwise(context))
        {
            return;
        }

        var request = context.Request;
        using var reader = new StreamReader(request.Body);
        var headers = request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var path = request.Path.Value + request.QueryString;
        Requests.Enqueue(new(request.Method, path, headers, await reader.ReadToEndAsync()));
        if (_answers.TryGetValue($"{request.Method} {path}", out var answer))
        {
            await answer(context);
            return;
        }

        await Write(context, 404, """{"type":"urn:fury:fault:notfound","title":"There is no such thing.","status":404,"kind":"not-found"}""");
    }
}
