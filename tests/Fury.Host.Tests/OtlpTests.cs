using System.Collections.Concurrent;
using System.Text;
using Fury.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Fury.Host.Tests;

/// <summary>A host that is told of a collector, and the collector: it keeps what is sent to it, byte for byte.</summary>
public sealed class CollectedHost : IAsyncLifetime
{
    private readonly ConcurrentQueue<(string Path, string Body)> _sent = [];
    private readonly WebApplication _collector;
    private ToldHost? _host;

    public CollectedHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        _collector = builder.Build();
        _collector.Urls.Add("http://127.0.0.1:0");
        _collector.MapPost("/v1/{what}", async (HttpRequest request, string what) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _sent.Enqueue((what, Encoding.Latin1.GetString(body.ToArray())));
        });
    }

    public HttpClient Client => _host!.Client;

    public string Sent(string what) => string.Concat(_sent.Where(sent => sent.Path == what).Select(sent => sent.Body));

    public async Task InitializeAsync()
    {
        await _collector.StartAsync();
        _host = new ToldHost(_collector.Urls.Single());
        await _host.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _host!.DisposeAsync();
        await _collector.DisposeAsync();
    }

    private sealed class ToldHost(string collector) : RunningHost(
        "--Fury:Auth:Token", GuardedHost.Token, "--OTEL_EXPORTER_OTLP_ENDPOINT", collector, "--OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf",
        "--OTEL_BSP_SCHEDULE_DELAY", "100", "--OTEL_METRIC_EXPORT_INTERVAL", "200");
}

public sealed class OtlpTests(CollectedHost host) : IClassFixture<CollectedHost>
{
    [Fact]
    public async Task Traces_and_metrics_reach_the_collector_and_no_secret_does()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/applications?limit=7");
        request.Headers.Authorization = new("Bearer", GuardedHost.Token);
        using var answer = await host.Client.SendAsync(request);
        answer.EnsureSuccessStatusCode();

        await Eventually.True(() => host.Sent("traces").Contains("api/v1/applications", StringComparison.Ordinal));
        await Eventually.True(() => host.Sent("traces").Contains("catalog.application", StringComparison.Ordinal), because: "Npgsql tells its own");
        await Eventually.True(() => host.Sent("metrics").Contains("http.server.request.duration", StringComparison.Ordinal));
        await Eventually.True(() => host.Sent("metrics").Contains("lm.shards.owned", StringComparison.Ordinal));

        Assert.Contains("service.name", host.Sent("traces"), StringComparison.Ordinal);
        Assert.DoesNotContain(GuardedHost.Token, host.Sent("traces") + host.Sent("metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_collector_that_is_no_address_is_told_at_the_start()
    {
        var settings = new Microsoft.Extensions.Configuration.ConfigurationManager { [Otlp.Endpoint] = "collector:4317x y" };

        var bad = Assert.Throws<BadSettings>(() => new Otlp(settings));

        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", bad.Message, StringComparison.Ordinal);
    }
}
