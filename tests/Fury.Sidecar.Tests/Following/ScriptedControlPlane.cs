using System.Net;
using System.Security.Cryptography.X509Certificates;
using Envoy.Service.Discovery.V3;
using Envoy.Service.LoadStats.V3;
using Fury.Kernel;
using Fury.Xds;
using Fury.Xds.Framing;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Sidecar.Tests.Following;

/// <summary>A <see cref="PlaneModel"/> behind a real listener, and a book of the load reports that arrived.</summary>
internal sealed class ScriptedControlPlane : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly PlaneModel _model = new();
    private CancellationTokenSource _break = new();
    private SemaphoreSlim _news = new(0);
    private int _streams;
    private int _loadStreams;
    private int _refused;
    private GrpcServerStream? _loads;

    private ScriptedControlPlane(X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration(); // The slim builder leaves it out.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
            {
                listen.UseHttps(certificate, https =>
                {
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        _app = builder.Build();
        _app.Run(Serve);
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>Sends everybody away, as a control plane does that is not loaded.</summary>
    public bool IsUnloaded { get; set; }

    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Streams that were sent away.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public int LoadStreams => Volatile.Read(ref _loadStreams);

    /// <summary>Sums by cluster.</summary>
    public Dictionary<string, LoadDeltasTests.Sum> Loads { get; } = [];

    public static async Task<ScriptedControlPlane> Start(X509Certificate2? certificate = null)
    {
        var plane = new ScriptedControlPlane(certificate);
        await plane._app.StartAsync();
        plane.Address = new Uri(plane._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return plane;
    }

    /// <summary>Changes the model, or looks at it, and lets the stream say what follows.</summary>
    public T Do<T>(Func<PlaneModel, T> act)
    {
        lock (_gate)
        {
            var result = act(_model);
            _news.Release();
            return result;
        }
    }

    public void Put(params Resource[] resources) => Do(model =>
    {
        model.Put(resources);
        return true;
    });

    /// <summary>Says what load reports are to tell, to the last who came.</summary>
    public async Task AskFor(bool replicas) => await _loads!.Write(
        new LoadStatsResponse
        {
            SendAllClusters = true,
            LoadReportingInterval = TimeSpan.FromSeconds(1).ToDuration(),
            ReportEndpointGranularity = replicas,
        },
        CancellationToken.None);

    /// <summary>What was reported of a pool.</summary>
    public T Of<T>(PoolId pool, Func<LoadDeltasTests.Sum, T> look)
    {
        lock (_gate)
        {
            return look(Loads.GetValueOrDefault(Resources.Cluster(pool)) ?? new());
        }
    }

    /// <summary>Ends every stream.</summary>
    public async Task Break()
    {
        await _break.CancelAsync();
        _break = new();
    }

    public async ValueTask DisposeAsync()
    {
        await _break.CancelAsync();
        await _app.DisposeAsync();
        _news.Dispose();
        _break.Dispose();
    }

    private async Task Serve(HttpContext context)
    {
        var wire = new GrpcServerStream(context, GrpcLimits.Default, TimeProvider.System);
        if (IsUnloaded || !await wire.Begin())
        {
            Interlocked.Increment(ref _refused);
            await wire.Finish(GrpcStatus.Unavailable, "Not loaded yet.");
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _break.Token);
        try
        {
            await (context.Request.Path == XdsMethods.StreamLoadStats ? Count(wire, over.Token) : Configure(wire, over.Token));
        }
        catch (Exception failure) when (failure is GrpcException or OperationCanceledException)
        {
            // The client has left, or the test wants the stream to end.
        }

        await wire.Finish(GrpcStatus.Unavailable, "Broken by the test.");
    }

    private async Task Configure(GrpcServerStream wire, CancellationToken cancellation)
    {
        var news = new SemaphoreSlim(0);
        lock (_gate)
        {
            _model.Open();
            _news = news;
        }

        Interlocked.Increment(ref _streams);
        var reading = Read();
        while (!cancellation.IsCancellationRequested)
        {
            while (Next() is { } response)
            {
                await wire.Write(response, cancellation);
            }

            await news.WaitAsync(cancellation);
        }

        await reading;

        async Task Read()
        {
            while (await wire.Read<DeltaDiscoveryRequest>(cancellation) is { } request)
            {
                lock (_gate)
                {
                    _model.Hear(request);
                }

                news.Release();
            }
        }

        DeltaDiscoveryResponse? Next()
        {
            lock (_gate)
            {
                return _model.Next();
            }
        }
    }

    private async Task Count(GrpcServerStream wire, CancellationToken cancellation)
    {
        var first = await wire.Read<LoadStatsRequest>(cancellation);
        Assert.NotNull(first?.Node);
        Assert.Empty(first.ClusterStats);
        _loads = wire;
        await AskFor(replicas: false);
        Interlocked.Increment(ref _loadStreams);
        while (await wire.Read<LoadStatsRequest>(cancellation) is { } report)
        {
            lock (_gate)
            {
                foreach (var cluster in report.ClusterStats)
                {
                    if (!Loads.TryGetValue(cluster.ClusterName, out var sum))
                    {
                        Loads[cluster.ClusterName] = sum = new();
                    }

                    sum.Add(cluster);
                }
            }
        }
    }
}
