using System.Collections.Concurrent;
using System.Text.Json;
using Fury.Agent.Wire;
using Fury.Artifacts;
using Fury.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Fury.Agent.Tests;

/// <summary>Everything that an agent talks to, on one loopback port: the platform, a file server, a registry, a metadata server, and the application.</summary>
internal sealed class FakePlatform : IAsyncDisposable
{
    public const string Lot = "lot-1";

    private WebApplication? _server;

    public static string Secret { get; } = LotSecret.Of(new byte[32], Lot);

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public ConcurrentQueue<AgentReport> Reports { get; } = new();

    /// <summary>Files by path; the first answer breaks off after so many bytes, where that is set.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    public ConcurrentDictionary<string, int> BreakAfter { get; } = new();

    /// <summary>Ranges that were asked for, null for all.</summary>
    public ConcurrentQueue<(string Path, string? Range)> Asked { get; } = new();

    /// <summary>What the metadata server answers, by path.</summary>
    public ConcurrentDictionary<string, string> Metadata { get; } = new();

    public FakeRegistry Registry { get; } = new();

    public ArtifactTree? Kept { get; set; }

    public volatile bool IsDown;

    public volatile bool IsHealthy = true;

    public static async Task<FakePlatform> Start()
    {
        var platform = new FakePlatform();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        platform._server = builder.Build();
        platform._server.Run(platform.Answer);
        await platform._server.StartAsync();
        platform.Address = new Uri(platform._server.Urls.Single());
        return platform;
    }

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();

    /// <summary>Where a tar is served.</summary>
    public string Serve(string name, byte[] bytes)
    {
        Files[$"/files/{name}"] = bytes;
        return new Uri(Address, $"files/{name}").AbsoluteUri;
    }

    private Task Answer(HttpContext context) => context.Request.Path.Value switch
    {
        "/health" => Status(context, IsHealthy ? 200 : 503),
        AgentPaths.Reports => Report(context),
        { } path when path.StartsWith(AgentPaths.Artifacts, StringComparison.Ordinal) => Artifact(context),
        { } path when path.StartsWith("/v2/", StringComparison.Ordinal) || path == "/token" => Registry.Answer(context, Address),
        { } path when Files.TryGetValue(path, out var file) => File(context, path, file),
        { } path when path.StartsWith("/files/", StringComparison.Ordinal) => Status(context, 404),
        _ => Meta(context),
    };

    private async Task Report(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (Refused(context, body.ToArray()))
        {
            await Status(context, 401);
        }
        else if (IsDown)
        {
            await Status(context, 503);
        }
        else
        {
            Reports.Enqueue(JsonSerializer.Deserialize<AgentReport>(body.ToArray(), FuryJson.Options)!);
            await Status(context, 204);
        }
    }

    private async Task Artifact(HttpContext context)
    {
        if (Refused(context, []))
        {
            await Status(context, 401);
            return;
        }

        await ArtifactTar.Write(Kept!, context.Response.Body, context.RequestAborted);
    }

    private async Task File(HttpContext context, string path, byte[] file)
    {
        var range = context.Request.Headers.Range.ToString();
        Asked.Enqueue((path, range.Length == 0 ? null : range));
        if (BreakAfter.TryRemove(path, out var count))
        {
            context.Response.ContentLength = file.Length;
            await context.Response.Body.WriteAsync(file.AsMemory(0, count));
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        await Results.File(file, enableRangeProcessing: true).ExecuteAsync(context);
    }

    private async Task Meta(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var isAws = path.StartsWith("/latest/", StringComparison.Ordinal);
        if (path == "/latest/api/token" && context.Request.Method == "PUT")
        {
            await context.Response.WriteAsync("a-token");
        }
        else if (isAws ? context.Request.Headers["X-aws-ec2-metadata-token"] != "a-token"
            : context.Request.Headers["Metadata-Flavor"] != "Google" && context.Request.Headers["Metadata"] != "true")
        {
            await Status(context, 401);
        }
        else if (Metadata.TryGetValue(path, out var text))
        {
            await context.Response.WriteAsync(text);
        }
        else
        {
            await Status(context, 404);
        }
    }

    private static bool Refused(HttpContext context, byte[] body) => AgentSignature.Problem(
        context.Request.Headers[AgentSignature.Header],
        lot => lot == Lot ? Secret : null,
        new(context.Request.Method, context.Features.Get<IHttpRequestFeature>()!.RawTarget, body),
        TimeProvider.System.GetUtcNow()) is not null;

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
