using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Fury.Testing;

/// <summary>A real Prometheus on loopback that scrapes exporters five times a second, with data of its own that is gone when it is disposed.</summary>
public sealed class PrometheusProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly HttpClient _http = new();

    private PrometheusProcess(Process process, string folder, Uri url) => (_process, _folder, Url) = (process, folder, url);

    public Uri Url { get; }

    /// <exception cref="InvalidOperationException">There is none on this machine.</exception>
    public static async Task<PrometheusProcess> Start(params Exporter[] exporters)
    {
        var folder = Directory.CreateTempSubdirectory("fury-test-").FullName;
        var targets = string.Join(", ", exporters.Select(exporter => $"'{exporter.Address}'"));
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), $"""
            global: {"{"}scrape_interval: 200ms, scrape_timeout: 200ms{"}"}
            scrape_configs:
              - job_name: application
                static_configs: [{"{"}targets: [{targets}]{"}"}]
            """);
        var url = new Uri($"http://127.0.0.1:{FreePort()}");
        string[] arguments =
        [
            $"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data", $"--web.listen-address={url.Authority}", "--log.level=error",
        ];
        try
        {
            var process = Process.Start(new ProcessStartInfo("prometheus", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var prometheus = new PrometheusProcess(process, folder, url);
            await Eventually.True(prometheus.IsReady, because: "Prometheus is ready");
            return prometheus;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException("There is no Prometheus here. Debian and Ubuntu: apt-get install prometheus.", missing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReady()
    {
        try
        {
            return !_process.HasExited
                ? (await _http.GetAsync(new Uri(Url, "/-/ready"))).IsSuccessStatusCode
                : throw new InvalidOperationException($"Prometheus has ended with {_process.ExitCode}.");
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
