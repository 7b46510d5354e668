using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Fury.Sdk.Telemetry;

/// <summary>Records calls. Keys, bodies and secrets are never recorded.</summary>
internal static class Instruments
{
    private static readonly ActivitySource Source = new(FuryTelemetry.ActivitySource);
    private static readonly Meter Meter = new(FuryTelemetry.Meter);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        FuryTelemetry.OperationDuration, "s", null, null,
        new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        });

    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>(FuryTelemetry.Attempts);
    private static readonly UpDownCounter<long> InFlight = Meter.CreateUpDownCounter<long>(FuryTelemetry.InFlight);
    private static readonly Gauge<long> Epochs = Meter.CreateGauge<long>(FuryTelemetry.BindingEpoch);
    private static readonly Counter<long> CacheRequests = Meter.CreateCounter<long>(FuryTelemetry.CacheRequests);
    private static readonly Counter<long> LeasesLost = Meter.CreateCounter<long>(FuryTelemetry.LeaseLost);

    /// <summary>Null when nobody listens, which costs nothing.</summary>
    public static Activity? Start(Call call) =>
        Source.HasListeners() ? Source.StartActivity($"{call.Operation.Name} {call.Service}", call.Operation.Activity) : null;

    public static void Enter(Call call)
    {
        if (InFlight.Enabled)
        {
            InFlight.Add(1, Named(call.Service));
        }
    }

    public static void Leave(Call call, Activity? activity, TimeSpan elapsed, FuryException? failure)
    {
        if (InFlight.Enabled)
        {
            InFlight.Add(-1, Named(call.Service));
        }

        if (Duration.Enabled)
        {
            Duration.Record(elapsed.TotalSeconds, Tags(call, failure));
        }

        if (Attempts.Enabled)
        {
            Attempts.Add(call.Attempts, Named(call.Service));
        }

        if (activity is not null)
        {
            foreach (var (name, value) in Tags(call, failure))
            {
                activity.SetTag(name, value);
            }

            activity.SetTag(FuryTelemetry.Epoch, call.Binding.Epoch);
            activity.SetTag(FuryTelemetry.AttemptCount, call.Attempts);
            if (failure is not null)
            {
                activity.SetTag(FuryTelemetry.OutcomeUnknown, failure.OutcomeUnknown);
                activity.SetStatus(ActivityStatusCode.Error, failure.Code.ToString());
            }
        }
    }

    public static void Bound(BindingInfo binding) => Epochs.Record(binding.Epoch, Named(binding.Service));

    public static void CacheAsked(string service, string result) => CacheRequests.Add(1, Named(service), new("result", result));

    public static void LostLease(string service) => LeasesLost.Add(1, Named(service));

    private static TagList Tags(Call call, FuryException? failure)
    {
        var tags = new TagList
        {
            Named(call.Service),
            { FuryTelemetry.Kind, call.Kind?.ToString() ?? "Platform" },
            { FuryTelemetry.Operation, call.Operation.Name },
            { FuryTelemetry.Provider, call.Binding.Provider },
            { FuryTelemetry.Transport, call.Binding.Transport },
        };
        if (failure is not null)
        {
            tags.Add(FuryTelemetry.ErrorType, failure.Code.ToString());
        }

        return tags;
    }

    private static KeyValuePair<string, object?> Named(string service) => new(FuryTelemetry.Service, service);
}
