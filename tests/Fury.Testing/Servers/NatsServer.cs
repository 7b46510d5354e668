using System.Diagnostics;

namespace Fury.Testing;

/// <summary>A real NATS server with JetStream, of Debian's package nats-server.</summary>
public sealed class NatsServer : ServerProcess
{
    public Uri Endpoint => new($"nats://127.0.0.1:{Port}");

    protected override Task<Process> Start() => Task.FromResult(Run(
        File.Exists("/usr/sbin/nats-server") ? "/usr/sbin/nats-server" : "nats-server", "-a", "127.0.0.1", "-p", $"{Port}", "-js", "-sd", Folder));
}
