using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Testing;

/// <summary>An application that tells of itself at <c>/metrics</c>, as Prometheus reads it.</summary>
public sealed class Exporter : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentDictionary<string, double> _series = new();

    private Exporter(WebApplication server)
    {
        _server = server;
        server.MapGet("/metrics", Text);
    }

    public string Address => new Uri(_server.Urls.Single()).Authority;

    public static async Task<Exporter> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var exporter = new Exporter(builder.Build());
        await exporter._server.StartAsync();
        return exporter;
    }

    /// <param name="series">As it is written: <c>payments_total{shop="a"}</c>.</param>
    public void Set(string series, double value) => _series[series] = value;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private string Text() => string.Concat(_series.Select(one => $"{one.Key} {one.Value.ToString(CultureInfo.InvariantCulture)}\n"));
}
