using System.Net;
using System.Net.Sockets;
using Fury.Sidecar.Following;
using Fury.Sidecar.Hosting;
using Fury.Sidecar.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fury.Sidecar.Haproxy;

/// <summary>The sidecar whose requests HAProxy carries: starts it, starts it again when it dies, and ends it.</summary>
internal sealed partial class HaproxyServer(
    IOptions<SidecarOptions> options, RouteFollower follower, HaproxyPlane plane, TimeProvider clock, Random random, ILogger<HaproxyServer> log)
    : IHostedService, ISidecar, IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(10);

    /// <summary>Beyond its own bound, before it is ended by force.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private HaproxyProcess? _haproxy;
    private HaproxyPrograms? _programs;
    private string? _folder;
    private Task _following = Task.CompletedTask;
    private Task _supervising = Task.CompletedTask;
    private Uri? _address;
    private string? _name;
    private bool _isStopped;

    public Uri Address => _address ?? throw NotStarted();

    public string Proxy => _name ?? throw NotStarted();

    public long AppliedVersion => plane.AppliedVersion;

    /// <summary>The process that carries the requests now.</summary>
    public int HaproxyId => (_haproxy ?? throw NotStarted()).Id;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        _programs = HaproxyPrograms.Locate(settings.Haproxy.Binary);
        var listen = Reserve(settings);
        (_address, _name) = (settings.AddressAt(listen.Port), settings.NameAt(listen.Port));
        _folder = Directory.CreateTempSubdirectory("fury-haproxy-").FullName; // For this user alone (0700).
        await WriteFiles(listen, settings.Haproxy.PoolsMax, cancellationToken);
        await Start(cancellationToken);
        _supervising = Supervise(_stopping.Token);
        _following = follower.Run(_name, _stopping.Token);
        Listens(log, Proxy, HaproxyId, Address);
    }

    /// <summary>Takes no new connections, and lets requests end within <see cref="SidecarServer.DrainTimeout"/>; what is left then is cut off.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        await _stopping.CancelAsync();
        await Task.WhenAll(_following, _supervising);
        if (_haproxy is { } haproxy)
        {
            haproxy.StopSoftly();
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(SidecarServer.DrainTimeout + StopGrace);
            await ((Task)haproxy.Ended).WaitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            haproxy.Kill();
            await haproxy.Ended;
        }

        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>The container disposes what it gives under several names several times.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private string Socket => Path.Combine(_folder!, "api.sock");

    private static InvalidOperationException NotStarted() => new("The sidecar has not started yet.");

    /// <summary>HAProxy shares a port with others that do, so whether it is free is found out here.</summary>
    private static IPEndPoint Reserve(SidecarOptions settings)
    {
        try
        {
            using var listener = new Socket(settings.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(settings.EndPoint);
            return (IPEndPoint)listener.LocalEndPoint!;
        }
        catch (SocketException cause) when (cause.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw settings.PortIsTaken();
        }
        catch (SocketException cause)
        {
            throw settings.CannotListen(cause);
        }
    }

    private async Task WriteFiles(IPEndPoint listen, int pools, CancellationToken cancellation)
    {
        var text = HaproxyConfig.Render(listen, Socket, pools, SidecarServer.DrainTimeout);
        await File.WriteAllTextAsync(Path.Combine(_folder!, HaproxyConfig.File), text, cancellation);
        foreach (var map in Enum.GetValues<HaproxyMap>())
        {
            await File.WriteAllTextAsync(Path.Combine(_folder!, HaproxyConfig.FileOf(map)), "", cancellation);
        }
    }

    /// <summary>Starts one and waits until it answers.</summary>
    private async Task Start(CancellationToken cancellation)
    {
        var haproxy = _haproxy = await HaproxyProcess.Start(_programs!, _folder!, log);
        var api = new RuntimeApi(Socket, clock);
        var begun = clock.GetTimestamp();
        while (true)
        {
            try
            {
                _ = await api.Ask("show version", cancellation);
                break;
            }
            catch (HaproxyException why)
            {
                if (haproxy.Ended.IsCompleted)
                {
                    throw new InvalidOperationException($"HAProxy ({_programs!.Haproxy}) has ended at once: {haproxy.LastWords}");
                }

                if (clock.GetElapsedTime(begun) > StartTimeout)
                {
                    haproxy.Kill();
                    throw new InvalidOperationException($"HAProxy ({_programs!.Haproxy}) has not started within {StartTimeout.TotalSeconds} s.", why);
                }
            }

            await Task.Delay(LookPeriod, clock, cancellation);
        }

        await plane.Up(api, cancellation);
    }

    /// <summary>Starts it again when it has died, until cancelled; never throws.</summary>
    private async Task Supervise(CancellationToken stopping)
    {
        var backoff = new Backoff(random);
        while (!stopping.IsCancellationRequested)
        {
            var begun = clock.GetTimestamp();
            try
            {
                var exitCode = await _haproxy!.Ended.WaitAsync(stopping);
                await plane.Down(stopping);
                HasDied(log, HaproxyId, exitCode, _haproxy.LastWords);
                if (clock.GetElapsedTime(begun) > Backoff.Max)
                {
                    backoff.Reset();
                }

                await Task.Delay(backoff.Next(), clock, stopping);
                await Start(stopping);
                IsBack(log, HaproxyId);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception why) when (why is HaproxyException or InvalidOperationException)
            {
                // It is looked at again: when it has ended it is started once more, and else the next report finishes what is left to tell it.
                IsNotBack(log, why.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Sidecar {Proxy} listens by HAProxy ({Id}) on {Address}")]
    private static partial void Listens(ILogger log, string proxy, int id, Uri address);

    [LoggerMessage(Level = LogLevel.Error, Message = "HAProxy ({Id}) has died with {ExitCode}: {LastWords}")]
    private static partial void HasDied(ILogger log, int id, int exitCode, string lastWords);

    [LoggerMessage(Level = LogLevel.Information, Message = "HAProxy runs again ({Id}), with all routes")]
    private static partial void IsBack(ILogger log, int id);

    [LoggerMessage(Level = LogLevel.Error, Message = "HAProxy does not serve yet: {Reason}")]
    private static partial void IsNotBack(ILogger log, string reason);
}
