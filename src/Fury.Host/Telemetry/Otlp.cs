using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Fury.Host;

/// <summary>
/// Sends traces and metrics to the OpenTelemetry collector that <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names, and nothing without it. All other variables of the
/// specification count too (opentelemetry.io/docs/specs/otel/protocol/exporter). What a collector does not take in time is dropped, never waited for.
/// </summary>
internal sealed class Otlp : IDisposable
{
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] Sources = ["Fury.*", "Microsoft.AspNetCore", "System.Net.Http", "Npgsql"];

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    public Otlp(IConfiguration settings)
    {
        if (settings[Endpoint] is not { Length: > 0 } endpoint)
        {
            return;
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new BadSettings($"{Endpoint} must be an address such as http://127.0.0.1:4317, and is '{endpoint}'.");
        }

        var host = ResourceBuilder.CreateDefault()
            .AddService("fury", serviceVersion: AboutController.Version, serviceInstanceId: $"{Environment.MachineName}/{Environment.ProcessId}")
            .AddEnvironmentVariableDetector();
        // The exporters read their variables where the host reads its settings.
        _traces = OpenTelemetry.Sdk.CreateTracerProviderBuilder().ConfigureServices(services => services.AddSingleton(settings))
            .SetResourceBuilder(host).AddSource(Sources).AddOtlpExporter().Build();
        _metrics = OpenTelemetry.Sdk.CreateMeterProviderBuilder().ConfigureServices(services => services.AddSingleton(settings))
            .SetResourceBuilder(host).AddMeter(["Fury.*", .. Meters.Foreign]).AddOtlpExporter().Build();
    }

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }
}
