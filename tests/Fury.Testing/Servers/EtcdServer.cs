using System.Diagnostics;

namespace Fury.Testing;

/// <summary>A real etcd of one member, of Debian's package etcd-server.</summary>
public sealed class EtcdServer : ServerProcess
{
    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    protected override Task<Process> Start()
    {
        var peer = $"http://127.0.0.1:{FreePort()}";
        return Task.FromResult(Run(
            "etcd",
            "--data-dir",
            Folder,
            "--listen-client-urls",
            $"http://127.0.0.1:{Port}",
            "--advertise-client-urls",
            $"http://127.0.0.1:{Port}",
            "--listen-peer-urls",
            peer,
            "--initial-advertise-peer-urls",
            peer,
            "--initial-cluster",
            $"default={peer}",
            "--logger",
            "zap",
            "--log-level",
            "error"));
    }

    /// <summary>It listens before it has elected itself.</summary>
    protected override async Task<bool> IsUp()
    {
        using var http = new HttpClient();
        try
        {
            return (await http.GetStringAsync(new Uri(Endpoint, "/health"))).Contains("true", StringComparison.Ordinal);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
