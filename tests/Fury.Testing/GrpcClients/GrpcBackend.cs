using System.Globalization;
using System.Net;
using Fury.Xds.Framing;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Testing;

/// <summary>What <see cref="GrpcClient"/>s call: answers with its name, and counts who has called it and when each call began.</summary>
public sealed class GrpcBackend : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Calls, long LastBegun)> _clients = new(StringComparer.Ordinal);

    private GrpcBackend(string name, WebApplication app) => (Name, _app) = (name, app);

    public string Name { get; }

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.None, 0);

    /// <summary>On any free port of one of the machine's own addresses, 127.x.y.z.</summary>
    public static async Task<GrpcBackend> Start(string name, string address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(address), 0, listen => listen.Protocols = HttpProtocols.Http2));
        var backend = new GrpcBackend(name, builder.Build());
        backend._app.Run(backend.Answer);
        await backend._app.StartAsync();
        var bound = backend._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        backend.EndPoint = new(IPAddress.Parse(address), new Uri(bound).Port);
        return backend;
    }

    /// <summary>How many calls of a client have arrived.</summary>
    public long Calls(string client) => Of(client).Calls;

    /// <summary>When a client's youngest call began there, as a timestamp of the system's clock: all processes of a machine share it.</summary>
    public long LastBegun(string client) => Of(client).LastBegun;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        var wire = new GrpcServerStream(context, GrpcLimits.Default, TimeProvider.System);
        if (!await wire.Begin())
        {
            return;
        }

        try
        {
            var call = await wire.Read<StringValue>(context.RequestAborted);
            Note(call!.Value.Split(' '));
            await wire.Write(new StringValue { Value = Name }, context.RequestAborted);
            await wire.Finish(GrpcStatus.Ok);
        }
        catch (Exception gone) when (gone is GrpcException or OperationCanceledException)
        {
            // The client counts what was not answered.
        }
    }

    private void Note(string[] call)
    {
        // The clients say nanoseconds; the clock's own ticks may be others.
        var begun = (long)(long.Parse(call[1], CultureInfo.InvariantCulture) * (TimeProvider.System.TimestampFrequency / 1e9));
        lock (_gate)
        {
            var (calls, lastBegun) = _clients.GetValueOrDefault(call[0]);
            _clients[call[0]] = (calls + 1, Math.Max(lastBegun, begun));
        }
    }

    private (long Calls, long LastBegun) Of(string client)
    {
        lock (_gate)
        {
            return _clients.GetValueOrDefault(client);
        }
    }
}
