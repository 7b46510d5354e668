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
    private readonly Dictionary<string, long> _calls = new(StringComparer.Ordinal);
    private long _lastBegun;

    private GrpcBackend(string name, WebApplication app) => (Name, _app) = (name, app);

    public string Name { get; }

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.None, 0);

    /// <summary>When the youngest call began at its client, as a timestamp of the system's clock: all processes of a machine share it.</summary>
    public long LastBegun
    {
        get
        {
            lock (_gate)
            {
                return _lastBegun;
            }
        }
    }

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
    public long Calls(string client)
    {
        lock (_gate)
        {
            return _calls.GetValueOrDefault(client);
        }
    }

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
            _calls[call[0]] = _calls.GetValueOrDefault(call[0]) + 1;
            _lastBegun = Math.Max(_lastBegun, begun);
        }
    }
}
