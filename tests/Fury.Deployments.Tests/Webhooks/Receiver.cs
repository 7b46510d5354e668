using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Tests.Webhooks;

/// <summary>What a subscriber was sent.</summary>
internal sealed record Received(string Delivery, JsonElement Body, string Type)
{
    public string Deployment => Body.GetProperty("deployment").GetString()!;

    public long Number => Body.GetProperty("number").GetInt64();
}

/// <summary>A subscriber: takes what is signed by its secret, as its documentation says, and answers as a test tells it to.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _server;

    private Receiver(WebApplication server) => _server = server;

    public const string Secret = "a-secret-that-nobody-sees";

    public ConcurrentQueue<Received> All { get; } = [];

    /// <summary>Requests whose signature was not right.</summary>
    public int Forged { get; private set; }

    /// <summary>The status of the answer, or more than that; 200 when it is not set.</summary>
    public Func<HttpContext, Received, Task<int>> Answer { get; set; } = (_, _) => Task.FromResult(200);

    public string Url => $"{_server.Urls.Single()}/hooks?room=1";

    public int Port => new Uri(Url).Port;

    public static async Task<Receiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = builder.Build();
        var receiver = new Receiver(server);
        server.Run(receiver.Take);
        await server.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
    }

    private async Task Take(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers;
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{headers["Fury-Timestamp"]}."), .. body.ToArray()];
        var right = $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed))}";
        if (headers["Fury-Signature"] != right)
        {
            Forged++;
            context.Response.StatusCode = 401;
            return;
        }

        var received = new Received(
            headers["Fury-Delivery"]!, JsonSerializer.Deserialize<JsonElement>(body.ToArray()), context.Request.ContentType!);
        All.Enqueue(received);
        context.Response.StatusCode = await Answer(context, received);
    }
}

/// <summary>The system's time, and as much later as a test has made it.</summary>
internal sealed class LateClock : TimeProvider
{
    private long _late;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _late));

    public void Advance(TimeSpan time) => Interlocked.Add(ref _late, time.Ticks);
}
