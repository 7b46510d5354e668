using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Fury.Agent.Wire;
using Fury.Kernel;
using Fury.Processes;

namespace Fury.Testing;

/// <summary>The agent of one instance as a process of this machine, on the instance's own address and in a folder of its own.</summary>
internal sealed class RealAgent : IAsyncDisposable
{
    private const string ConfigEnd = "FURY_CONFIG_END";
    private static readonly string Program = Path.Combine(FuryProcess.Root, "src", "Fury.Agent", "bin", "Release", "net10.0", "fury-agent");

    private readonly StringBuilder _log = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-agent-").FullName;
    private readonly Process _process;
    private bool _isTold;

    private RealAgent(AgentConfig config)
    {
        var file = Path.Combine(_folder, "config.json");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var made = new FileStream(file, options))
        {
            made.Write(JsonSerializer.SerializeToUtf8Bytes(config with { Folder = Path.Combine(_folder, "agent") }, FuryJson.Options));
        }

        _process = Process.Start(new ProcessStartInfo(Program, ["--config", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

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

    public bool IsAlive => !_process.HasExited || Applications().Any();

    /// <summary>With what the instance was given, but for what tells instances on one machine apart.</summary>
    public static RealAgent Start(CloudMachine machine)
    {
        var config = ConfigOf(machine.UserData);
        return new(config with
        {
            Identity = new(AgentCloud.None, machine.Id),
            Address = machine.Address,
            Listen = new Uri($"http://{machine.Address}:{config.Listen.Port}"),
        });
    }

    /// <summary>As the machine's own end asks its services to end; once.</summary>
    public void Stop()
    {
        if (!_isTold && !_process.HasExited)
        {
            _isTold = true;
            using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        }
    }

    /// <summary>All that runs in the instance ends at once.</summary>
    public void Kill()
    {
        _process.Kill();
        foreach (var pid in Applications())
        {
            InstanceProcess.KillGroupOf(pid);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static AgentConfig ConfigOf(string userData)
    {
        var lines = userData.Split('\n');
        return JsonSerializer.Deserialize<AgentConfig>(lines[Array.FindIndex(lines, line => line.Contains($"<<'{ConfigEnd}'", StringComparison.Ordinal)) + 1],
            FuryJson.Options)!;
    }

    /// <summary>Leaders of what the agent of this folder has started.</summary>
    private IEnumerable<int> Applications() => InstanceMark.Find($"agent:{_folder}").Values;

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
    }
}
