using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Fury.Agent.Wire;
using Fury.Kernel;
using Fury.Processes;
using Fury.Testing;

namespace Fury.Agent.Tests;

/// <summary>The real agent as a process of its own, with a folder of its own.</summary>
internal sealed class AgentUnderTest : IAsyncDisposable
{
    public const string Id = "i-1";

    private readonly List<string> _log = [];
    private Process? _process;

    public AgentUnderTest(FakePlatform platform, string uri, string digest, string command = "run")
    {
        Platform = platform;
        Port = FreePort();
        Config = new(
            platform.Address, FakePlatform.Lot, FakePlatform.Secret, new(AgentCloud.None, Id), new(uri, digest, command, []),
            new Dictionary<string, string> { ["GREETING"] = "hello" }, platform.Address.Port, "/health", TimeSpan.FromSeconds(5),
            Path.Combine(Root, "agent"), new Uri($"http://127.0.0.1:{Port}"));
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
    }

    public static string Program { get; } = Path.Combine(Folder(AppContext.BaseDirectory), "src", "Fury.Agent", "bin", "Release", "net10.0", "fury-agent");

    public FakePlatform Platform { get; }

    public string Root { get; } = Directory.CreateTempSubdirectory("fury-agent-").FullName;

    public int Port { get; }

    public AgentConfig Config { get; set; }

    public HttpClient Client { get; }

    public bool HasExited => _process!.HasExited;

    /// <summary>As the platform was told last of this boot.</summary>
    public AgentReport? Told => Platform.Reports.LastOrDefault();

    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    public static AgentUnderTest Of(FakePlatform platform, Tars tar, string name = "app.tar.gz")
    {
        var bytes = tar.Bytes();
        return new(platform, platform.Serve(name, bytes), Tars.Digest(bytes));
    }

    /// <summary>Writes the configuration and starts the agent with it.</summary>
    public AgentUnderTest Start(params string[] prefix)
    {
        var file = Path.Combine(Root, "config.json");
        File.Delete(file);
        using (var made = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            made.Write(JsonSerializer.SerializeToUtf8Bytes(Config, FuryJson.Options));
        }

        string[] words = [.. prefix, Program, "--config", file];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true, RedirectStandardOutput = true };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        return this;
    }

    public Task Until(AgentPhase phase) =>
        Eventually.True(() => Told?.Status.Phase == phase, because: $"told to be {phase}, and is {Told}:\n{Log}");

    public async Task<HttpResponseMessage> Ask(string path, string? secret = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Client.BaseAddress!, path));
        AgentSignature.Add(request, secret ?? FakePlatform.Secret, FakePlatform.Lot, default, TimeProvider.System.GetUtcNow());
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<string[]> Lines()
    {
        using var answer = await Ask("/v1/logs?tail=1000");
        return (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Pids of the application's processes, which carry the agent's mark.</summary>
    public List<int> Pids() =>
        [.. InstanceMark.Find(AppProcess.MarkOf(Config.Folder)).Where(found => found.Key == AppProcess.MarkOf(Config.Folder)).Select(found => found.Value)];

    public async Task Stop(int signal = 15)
    {
        using (var kill = Process.Start("kill", ["-" + signal.ToString(CultureInfo.InvariantCulture), _process!.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync().WaitAsync(Eventually.Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await Stop(9);
        }

        foreach (var pid in Pids())
        {
            InstanceProcess.KillGroupOf(pid);
        }

        _process?.Dispose();
        Client.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Folder(string folder) => File.Exists(Path.Combine(folder, "Fury.sln")) ? folder : Folder(Path.GetDirectoryName(folder)!);

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.Add(line.Data ?? "");
        }
    }
}
