using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Fury.Testing;

/// <summary>
/// The real host as a process of its own, on its own ports and its own data folder, which a journey may kill and start again.
/// Disposing stops it and fails when it leaves a process behind.
/// </summary>
public sealed class FuryProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StoppedWithin = TimeSpan.FromSeconds(30);

    private readonly StringBuilder _log = new();
    private readonly string? _database;
    private readonly string[] _settings;
    private Process? _process;

    private FuryProcess(string dataFolder, int apiPort, int sidecarPort, int instancePort, string? database, string[] settings)
    {
        (_database, _settings) = (database, settings);
        DataFolder = dataFolder;
        InstancePort = instancePort;
        Api = new Uri($"http://127.0.0.1:{apiPort}");
        Sidecar = new Uri($"http://127.0.0.1:{sidecarPort}");
        Xds = new Uri($"http://127.0.0.1:{FreePort()}");
        Client = new HttpClient { BaseAddress = Api, Timeout = TimeSpan.FromSeconds(30) };
    }

    public string DataFolder { get; }

    public Uri Api { get; }

    public Uri Sidecar { get; }

    /// <summary>Where proxies of other processes connect.</summary>
    public Uri Xds { get; }

    public HttpClient Client { get; }

    /// <summary>Where every instance listens, on its own address.</summary>
    public int InstancePort { get; }

    public int Pid => _process?.Id ?? throw new InvalidOperationException("The host does not run.");

    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The folder of the built sample application.</summary>
    public static string Sample { get; } = Path.Combine(Root, "samples", "hello", "bin", "Release", "net10.0");

    /// <param name="database">The connection string of a PostgreSQL that is already there; null for a private one.</param>
    /// <param name="settings">More of its command line, such as <c>--Sidecar:Name=one</c>.</param>
    public static async Task<FuryProcess> Start(string? database = null, params string[] settings)
    {
        var folder = NewFolder();
        var fury = new FuryProcess(Path.Combine(folder, "data"), FreePort(), FreePort(), FreePort(), database, settings);
        await fury.StartHost();
        return fury;
    }

    /// <summary>A temporary folder that PostgreSQL's unprivileged user may pass through.</summary>
    public static string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("fury-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);
        }

        return folder;
    }

    /// <summary>Starts the host over the same data folder and ports, and waits until it is healthy.</summary>
    public async Task StartHost()
    {
        _process = Launch(Api, Xds);
        await UntilReady(_process, Api);
    }

    /// <summary>Tries to start another host on the same data folder; throws with what it said.</summary>
    public async Task StartSecondHost()
    {
        var api = new Uri($"http://127.0.0.1:{FreePort()}");
        using var second = Launch(api, new Uri($"http://127.0.0.1:{FreePort()}"));
        await UntilReady(second, api);
    }

    /// <summary>SIGKILL: the host gets no chance to tidy up.</summary>
    public async Task Kill()
    {
        _process!.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as Ctrl-C does.</summary>
    public async Task Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", Pid.ToString()]);
        await kill.WaitForExitAsync();
        using var deadline = new CancellationTokenSource(StoppedWithin);
        await _process!.WaitForExitAsync(deadline.Token);
    }

    /// <summary>The instances of this host that are alive, found by where their executable is: no record of ours is asked.</summary>
    public IReadOnlyList<LiveInstance> LiveInstances() =>
        [.. from folder in Directory.EnumerateDirectories("/proc")
            where int.TryParse(Path.GetFileName(folder), out _)
            let executable = LinkOf(Path.Combine(folder, "exe"))
            where executable?.StartsWith(Path.Combine(DataFolder, "artifacts"), StringComparison.Ordinal) == true
            select new LiveInstance(int.Parse(Path.GetFileName(folder)), EnvironmentOf(folder))];

    /// <summary>The postmaster of this host's private PostgreSQL.</summary>
    public int PostgresPid() => int.Parse(File.ReadLines(
        Directory.EnumerateFiles(DataFolder, "postmaster.pid", SearchOption.AllDirectories).Single()).First());

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await Stop();
        }

        _process?.Dispose();
        Client.Dispose();
        var left = LiveInstances();
        foreach (var instance in left)
        {
            Process.GetProcessById(instance.Pid).Kill();
        }

        Assert.True(left.Count == 0, $"{left.Count} instances outlived the host's stop.");
        Directory.Delete(Path.GetDirectoryName(DataFolder)!, recursive: true);
    }

    private Process Launch(Uri api, Uri xds)
    {
        var start = new ProcessStartInfo(Path.Combine(Root, "src", "Fury.Host", "bin", "Release", "net10.0", "Fury.Host"))
        {
            ArgumentList =
            {
                "--data", DataFolder, "--listen", api.ToString(), $"--Sidecar:Listen={Sidecar}", $"--Mesh:Xds:Listen={xds}",
                $"--Fury:Local:Port={InstancePort}", $"--Fury:Agents:Port={InstancePort}", $"--Fury:Agents:Platform={api}",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var setting in _settings)
        {
            start.ArgumentList.Add(setting);
        }

        if (_database is not null)
        {
            start.Environment["ConnectionStrings__Fury"] = _database;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task UntilReady(Process process, Uri api)
    {
        var clock = Stopwatch.StartNew();
        while (!await IsReady(api))
        {
            if (process.HasExited || clock.Elapsed > ReadyWithin)
            {
                await process.WaitForExitAsync(new CancellationTokenSource(StoppedWithin).Token);
                throw new InvalidOperationException($"The host did not become healthy.{Environment.NewLine}{Log}");
            }

            await Task.Delay(20);
        }
    }

    private async Task<bool> IsReady(Uri api)
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri(api, "/healthz/ready"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception error) when (error is HttpRequestException or SocketException)
        {
            // The latter as it is where the connection is closed in the moment in which it is made.
            return false;
        }
    }

    private void Keep(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? LinkOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.FullName;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Dictionary<string, string> EnvironmentOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string FindRoot(string folder) => File.Exists(Path.Combine(folder, "Fury.sln"))
        ? folder
        : FindRoot(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Fury.sln is not above the tests."));
}

/// <summary>A process of an instance, as the operating system tells it.</summary>
public sealed record LiveInstance(int Pid, IReadOnlyDictionary<string, string> Environment)
{
    public string Id => Environment.GetValueOrDefault("FURY_INSTANCE_ID", "");

    public string Version => Environment.GetValueOrDefault("FURY_VERSION", "");
}
