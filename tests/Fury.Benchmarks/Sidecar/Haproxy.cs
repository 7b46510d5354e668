namespace Fury.Benchmarks.Sidecar;

/// <summary>HAProxy as a proxy for the same backend: its own defaults, with keep-alive on both sides and a thread for each core.</summary>
internal static class Haproxy
{
    public static Task<string?> Find(TextWriter output, CancellationToken cancellation) => DebianProgram.Find("haproxy", "haproxy", output, cancellation);

    public static Child Start(string haproxy, string folder, int port, int backendPort)
    {
        var file = Path.Combine(folder, "haproxy.cfg");
        File.WriteAllText(file, $"""
            global
              maxconn 1024
            defaults
              mode http
              timeout connect 1s
              timeout client 30s
              timeout server 30s
              option forwardfor
            frontend all
              bind 127.0.0.1:{port}
              default_backend backend
            backend backend
              server backend 127.0.0.1:{backendPort}

            """);
        return Child.Start(haproxy, ["-db", "-f", file]);
    }
}
