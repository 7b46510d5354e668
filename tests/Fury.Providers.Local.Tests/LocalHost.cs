using Fury.Hosting;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fury.Providers.Local.Tests;

/// <summary>One data folder with an artifact of shell scripts, and the hosts that run on it one after the other.</summary>
public sealed class LocalHost : IAsyncLifetime, IDisposable
{
    private readonly LocalOptions _options = new() { StopGrace = TimeSpan.FromSeconds(2), LogBytesMax = 20_000, LogFilesMax = 2 };
    private LocalInstances? _instances;

    public string Root { get; } = Directory.CreateTempSubdirectory("fury-local-").FullName;

    internal LocalInstances Instances => _instances ?? throw new InvalidOperationException("No host runs.");

    private string Artifact => Path.Combine(Root, "artifact");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Artifact);
        Write("serve", "echo started; trap 'echo ending; exit 0' TERM; while :; do sleep 0.05; done");
        Write("stubborn", "echo started; trap '' TERM; while :; do sleep 0.05; done");
        Write("crash", "echo crashing; exit 3");
        Write("chatter", "n=0; while :; do n=$((n+1)); echo \"line $n of many\"; [ $((n % 200)) = 0 ] && sleep 0.02; done");
        Write("busy", "echo started; (while :; do :; done) & trap 'kill $!; exit 0' TERM; while :; do sleep 0.05; done");
        Write("environment", "env; while :; do sleep 0.05; done");
        Write("not-executable", "echo no");
        File.SetUnixFileMode(Path.Combine(Artifact, "not-executable"), UnixFileMode.UserRead);
        await File.WriteAllTextAsync(Path.Combine(Artifact, "garbage"), "\u0001\u0002 not a program");
        File.SetUnixFileMode(Path.Combine(Artifact, "garbage"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await Start();
    }

    public async Task DisposeAsync()
    {
        await Stop();
        Directory.Delete(Root, recursive: true);
    }

    public void Dispose() => _instances?.Dispose();

    /// <summary>A new host on the same data folder.</summary>
    internal async Task Start()
    {
        _instances = new(new Node(Path.Combine(Root, "data")), Options.Create(_options), TimeProvider.System, NullLogger<LocalInstances>.Instance);
        await Instances.StartAsync(default);
    }

    /// <summary>As on Ctrl-C.</summary>
    internal async Task Stop()
    {
        await Instances.StopAsync(default);
        Dispose();
    }

    /// <summary>As after kill -9, and then a new host.</summary>
    internal async Task DieAndStart()
    {
        Instances.Abandon();
        await Start();
    }

    internal string RecordOf(string id) => Path.Combine(Root, "data", "local", "instances", id, "instance.json");

    internal InstanceRequest Request(string command, string token) => new(
        token,
        LocalOptions.RegionDefault,
        new Uri(Artifact).AbsoluteUri,
        command,
        [],
        new Dictionary<string, string> { ["SCOPE"] = "test-web" },
        CpuMillis: 100,
        MemoryMiB: 64,
        new Dictionary<string, string>());

    private void Write(string name, string script)
    {
        var path = Path.Combine(Artifact, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private sealed record Node(string DataFolder) : INode
    {
        public string Name => "test";

        public Guid Incarnation { get; } = Guid.NewGuid();
    }
}
