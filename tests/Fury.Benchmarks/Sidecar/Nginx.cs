namespace Fury.Benchmarks.Sidecar;

/// <summary>nginx as a proxy for the same backend, set up as its manual recommends for keep-alive upstreams.</summary>
internal static class Nginx
{
    /// <summary>Where nginx is; installs it from Debian when it is missing and this is root. Null, with the reason told, when there is none.</summary>
    public static async Task<string?> Find(TextWriter output, CancellationToken cancellation)
    {
        if (Child.Find("nginx") is { } present)
        {
            return present;
        }

        if (Environment.UserName != "root" || Child.Find("apt-get") is not { } apt)
        {
            output.WriteLine("nginx is skipped: it is not installed (apt-get install nginx-light).");
            return null;
        }

        output.WriteLine("nginx is missing; installing nginx-light");
        await Child.Run(apt, ["update", "-q"], cancellation);
        var (exitCode, text) = await Child.Run(apt, ["install", "-y", "-q", "--no-install-recommends", "nginx-light"], cancellation);
        if (exitCode == 0)
        {
            return Child.Find("nginx");
        }

        output.WriteLine($"nginx is skipped: it could not be installed. {text.TrimEnd().Split('\n')[^1]}");
        return null;
    }

    public static Child Start(string nginx, string folder, int port, int backendPort)
    {
        var file = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(file, $$"""
            daemon off;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            worker_processes auto;
            events { worker_connections 1024; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              upstream backend { server 127.0.0.1:{{backendPort}}; keepalive 128; keepalive_requests 1000000000; }
              server {
                listen 127.0.0.1:{{port}};
                location / {
                  proxy_pass http://backend;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_set_header Host $host;
                  proxy_set_header X-Forwarded-For $remote_addr;
                }
              }
            }
            """);
        return Child.Start(nginx, ["-c", file, "-p", folder]);
    }
}
