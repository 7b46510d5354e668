using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Sidecar.Tests;

/// <summary>A real application on a port of its own: answers its name, waits, fails, echoes or breaks off, as the path says.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, bool> _connections = new();
    private int _requests;

    private Backend(string name, int port)
    {
        Name = name;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(Answer);
    }

    public string Name { get; }

    public int Port { get; private set; }

    /// <summary>Answers every request with 500.</summary>
    public bool Fails { get; set; }

    /// <summary>Of the last request that has arrived.</summary>
    public Dictionary<string, string>? LastHeaders { get; private set; }

    /// <summary>Requests that have arrived.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Connections that requests have arrived on.</summary>
    public int Connections => _connections.Count;

    public static async Task<Backend> Start(string name, int port = 0)
    {
        var backend = new Backend(name, port);
        await backend._app.StartAsync();
        var addresses = backend._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        backend.Port = new Uri(addresses.Addresses.Single()).Port;
        return backend;
    }

    /// <summary>Lets requests to <c>/held</c> end.</summary>
    public void Release() => _released.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Release();
        return _app.DisposeAsync();
    }

    /// <summary>Ends when the client gives up.</summary>
    private static Task Aborted(HttpContext context)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.RequestAborted.Register(gone.SetResult);
        return gone.Task;
    }

    private async Task Answer(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        _connections[context.Connection.Id] = true;
        LastHeaders = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        if (Fails)
        {
            context.Response.StatusCode = 500;
            return;
        }

        switch (context.Request.Path.Value)
        {
            case "/held":
                await _released.Task;
                await context.Response.WriteAsync(Name);
                break;
            case "/slow":
                await Task.WhenAny(_released.Task, Aborted(context));
                break;
            case "/error":
                context.Response.StatusCode = 500;
                break;
            case "/break":
                context.Abort();
                break;
            case "/break-half":
                await context.Response.WriteAsync("half of an ans");
                await context.Response.Body.FlushAsync();
                await _released.Task;
                context.Abort();
                break;
            case "/echo":
                await context.Request.Body.CopyToAsync(context.Response.Body);
                break;
            case "/headers":
                var headers = context.Request.Headers.Select(header => $"{header.Key}: {header.Value}");
                await context.Response.WriteAsync(string.Join('\n', headers));
                break;
            case "/socket":
                using (var socket = await context.WebSockets.AcceptWebSocketAsync())
                {
                    var buffer = new byte[100];
                    var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
                    await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, true, context.RequestAborted);
                    await _released.Task;
                }

                break;
            default:
                await context.Response.WriteAsync(Name);
                break;
        }
    }
}
