namespace Fury.Benchmarks.Sidecar;

/// <summary>nginx as a proxy for the same backend, set up as its manual recommends for keep-alive upstreams.</summary>
internal static class Nginx
{
    public static Task<string?> Find(TextWriter output, CancellationToken cancellation) => DebianProgram.Find("nginx", "nginx-light", output, cancellation);

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
