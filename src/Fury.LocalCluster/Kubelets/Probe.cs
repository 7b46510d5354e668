using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>A question that is asked of a container again and again. Commands (<c>exec</c>) are not run, and count as answered.</summary>
internal sealed class Probe(JsonObject spec, string address, JsonObject container) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromSeconds(30) });
    private readonly TimeSpan _timeout = Seconds(spec, "timeoutSeconds", 1);

    public TimeSpan Delay { get; } = Seconds(spec, "initialDelaySeconds", 0);

    public TimeSpan Period { get; } = Seconds(spec, "periodSeconds", 10);

    public int FailuresMax { get; } = (int)(spec.Number("failureThreshold") ?? 3);

    public int SuccessesMin { get; } = (int)(spec.Number("successThreshold") ?? 1);

    /// <summary>Null when the answer was good, else what was wrong with it.</summary>
    public async Task<string?> Ask(CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_timeout);
        try
        {
            if (spec.Object("httpGet") is { } get)
            {
                var url = $"http://{get.Text("host") ?? address}:{Port(get)}/{(get.Text("path") ?? "/").TrimStart('/')}";
                using var response = await _http.GetAsync(new Uri(url), HttpCompletionOption.ResponseHeadersRead, deadline.Token);
                return (int)response.StatusCode is >= 200 and < 400 ? null : $"HTTP probe failed with statuscode: {(int)response.StatusCode}";
            }

            if (spec.Object("tcpSocket") is { } tcp)
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(address, Port(tcp), deadline.Token);
            }

            return null;
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException)
        {
            return failure.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"no answer within {_timeout.TotalSeconds} s";
        }
    }

    public void Dispose() => _http.Dispose();

    private int Port(JsonObject target) => (int)(target.Number("port")
        ?? (container.Array("ports") ?? []).FirstOrDefault(port => port.Text("name") == target.Text("port")).Number("containerPort")
        ?? 0);

    private static TimeSpan Seconds(JsonObject spec, string name, int otherwise) => TimeSpan.FromSeconds(spec.Number(name) ?? otherwise);
}
