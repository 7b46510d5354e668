using System.Diagnostics;
using System.Text;
using Fury.Agent.Wire;
using Fury.Kernel;
using Fury.Processes;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Fury.Testing;
using Microsoft.Extensions.Configuration;

namespace Fury.Agent.Tests.Clouds;

/// <summary>The script that an instance runs when it boots.</summary>
public sealed class UserDataTests : IAsyncLifetime
{
    private static readonly InstanceType Type = new("m.small", 1000, 1024, null) { Architecture = Architecture.Amd64 };

    private static readonly InstanceRequest Request = new(
        "token", "r", "https://files.example/app.tar.gz", "run", ["--greeting", "it's $HOME `now`"],
        new Dictionary<string, string> { ["PASSWORD"] = "FURY_CONFIG_END\n'\"$(id)", ["A"] = "b" }, 500, 256,
        new Dictionary<string, string> { [AgentPaths.LotTag] = FakePlatform.Lot })
    {
        ArtifactDigest = "sha256:" + new string('a', 64),
        HealthPath = "/health",
    };

    private FakePlatform _platform = null!;

    public async Task InitializeAsync() => _platform = await FakePlatform.Start();

    public async Task DisposeAsync() => await _platform.DisposeAsync();

    [Fact]
    public async Task It_really_starts_the_agent_and_the_agent_the_artifact()
    {
        await using var agent = AgentUnderTest.Of(_platform, Tars.Serving);
        var binary = await AgentTar(agent.Root);
        var script = UserData.Of(
            Request with
            {
                ArtifactUri = agent.Config.Artifact.Uri,
                ArtifactDigest = agent.Config.Artifact.Digest,
                Arguments = [],
                Tags = Request.Tags,
            },
            Type,
            Settings(new(new Uri(_platform.Serve("agent.tar.gz", binary)), Tars.Digest(binary)), agent),
            _ => FakePlatform.Secret).Value;

        Assert.Equal(0, await Run(agent.Root, script));

        try
        {
            await Eventually.True(() => agent.Told?.Status.Phase == AgentPhase.Healthy, because: Text(agent.Root, "var/log/fury-agent.log"));
            var config = Path.Combine(agent.Root, "etc/fury-agent/config.json");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(config));
            var read = ConfigFile.Read(config).Value;
            Assert.Equal(Request.Environment, read.Environment);
            var unit = Text(agent.Root, "etc/systemd/system/fury-agent.service");
            Assert.Contains($"ExecStart={agent.Root}/opt/fury-agent/fury-agent --config {config}", unit, StringComparison.Ordinal);
            Assert.DoesNotContain(ProcFs.Pids(), pid => CommandLine(pid).Contains(FakePlatform.Secret, StringComparison.Ordinal));
        }
        finally
        {
            foreach (var pid in ProcFs.Pids().Where(pid => CommandLine(pid).StartsWith($"{agent.Root}/opt/fury-agent/fury-agent", StringComparison.Ordinal)))
            {
                InstanceProcess.KillGroupOf(pid);
            }
        }
    }

    [Fact]
    public async Task An_agent_with_another_digest_is_not_started()
    {
        await using var agent = AgentUnderTest.Of(_platform, Tars.Serving);
        var binary = new Tars().Script("fury-agent", "touch \"$0.started\"").Bytes();
        var script = UserData.Of(
            Request, Type, Settings(new(new Uri(_platform.Serve("agent.tar.gz", binary)), Tars.Digest([])), agent), _ => FakePlatform.Secret).Value;

        Assert.Equal(1, await Run(agent.Root, script));

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(agent.Root, "opt/fury-agent")));
        Assert.False(File.Exists(Path.Combine(agent.Root, "etc/fury-agent/config.json")));
    }

    [Fact]
    public void It_is_the_same_for_the_same_request_and_refuses_what_no_cloud_would_take()
    {
        var settings = Settings(new(new Uri("https://files.example/agent.tar.gz"), Tars.Digest([])), null);
        var script = UserData.Of(Request, Type, settings, _ => FakePlatform.Secret).Value;

        Assert.StartsWith("#!/bin/sh\n", script, StringComparison.Ordinal);
        var reversed = Request with { Environment = new Dictionary<string, string>(Request.Environment.Reverse()) };
        Assert.Equal(script, UserData.Of(reversed, Type, settings, _ => FakePlatform.Secret).Value);
        Assert.Single(script.Split('\n'), line => line.Contains(FakePlatform.Secret, StringComparison.Ordinal));
        Assert.InRange(Encoding.UTF8.GetByteCount(script), 1000, 4000);

        var large = UserData.Of(Request with { Environment = new Dictionary<string, string> { ["A"] = new('x', 16_000) } }, Type, settings, _ => "secret");
        Assert.Contains("clouds take 16384 at most", large.Fault?.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("xxx", large.Fault!.ToString(), StringComparison.Ordinal);
        var arm = UserData.Of(Request, Type with { Architecture = Architecture.Arm64 }, settings, _ => "secret");
        Assert.Contains("type must be of amd64", arm.Fault?.Message, StringComparison.Ordinal);
        var stray = UserData.Of(Request with { Tags = new Dictionary<string, string>() }, Type, settings, _ => "secret");
        Assert.Contains("with 'fury-lot'", stray.Fault?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_are_read_whole_or_named()
    {
        var read = AgentSettingsReading.Read(Of(new()
        {
            ["Platform"] = "https://fury.example",
            ["Arm64:Uri"] = "https://files.example/a",
            ["Arm64:Digest"] = Tars.Digest([]),
            ["Grace"] = "00:01:00",
            ["Sidecar:Scope"] = "shop/production-web",
        }), AgentCloud.Gcp).Value;
        Assert.Equal((AgentCloud.Gcp, 8080, TimeSpan.FromMinutes(1), Architecture.Arm64), (read.Cloud, read.Port, read.Grace, read.Binaries.Keys.Single()));
        Assert.Equal("shop/production-web", read.Sidecar!["Scope"]);

        var bad = AgentSettingsReading.Read(Of(new() { ["Port"] = "0", ["Grace"] = "soon", ["Amd64:Uri"] = "files" }), AgentCloud.Aws).Fault!;
        string[] fields = ["fury:Agents:Platform", "fury:Agents:Amd64:Digest", "fury:Agents:Amd64:Uri", "fury:Agents:Port", "fury:Agents:Grace"];
        Assert.Equal(fields, bad.Fields.Select(field => field.Field));
        var none = AgentSettingsReading.Read(Of(new() { ["Platform"] = "https://x" }), AgentCloud.Aws).Fault!;
        Assert.Equal(["fury:Agents"], none.Fields.Select(field => field.Field));

        static IConfiguration Of(Dictionary<string, string?> settings) => new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Fury:Agents:{setting.Key}", setting.Value))).Build();
    }

    private AgentSettings Settings(AgentBinary binary, AgentUnderTest? agent)
    {
        _platform.Metadata["/latest/meta-data/instance-id"] = AgentUnderTest.Id;
        return new(
            AgentCloud.Aws, _platform.Address, new Dictionary<Architecture, AgentBinary> { [Architecture.Amd64] = binary }, _platform.Address.Port,
            TimeSpan.FromSeconds(5))
        {
            AgentPort = agent?.Port ?? AgentPaths.PortDefault,
            Folder = agent?.Config.Folder ?? AgentConfig.FolderDefault,
            Metadata = _platform.Address,
        };
    }

    /// <summary>The built agent, as a release would hold it.</summary>
    private static async Task<byte[]> AgentTar(string folder)
    {
        var file = Path.Combine(folder, "agent.tar.gz");
        using var tar = Process.Start("tar", ["-czf", file, "-C", Path.GetDirectoryName(AgentUnderTest.Program)!, "."]);
        await tar.WaitForExitAsync();
        return await File.ReadAllBytesAsync(file);
    }

    private static async Task<int> Run(string root, string script)
    {
        var file = Path.Combine(root, "user-data");
        await File.WriteAllTextAsync(file, script);
        var start = new ProcessStartInfo("sh", [file]) { Environment = { ["FURY_ROOT"] = root, ["NO_PROXY"] = "*", ["no_proxy"] = "*" } };
        using var run = Process.Start(start)!;
        await run.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        return run.ExitCode;
    }

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string Text(string root, string file) => File.Exists(Path.Combine(root, file)) ? File.ReadAllText(Path.Combine(root, file)) : "";
}
