using System.Diagnostics.Metrics;

namespace Fury.Deployments.Webhooks;

/// <summary>The numbers of webhooks, by the name of each.</summary>
internal static class WebhookMetrics
{
    private static readonly Meter Meter = new("Fury.Deployments");

    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>(
        "fury_webhook_attempts", description: "Attempts to deliver an event, by outcome: delivered, failed (it is tried again) or dead (it is not).");

    private static readonly Histogram<double> Lag = Meter.CreateHistogram<double>(
        "fury_webhook_lag_seconds", "s", "From an event to its delivery.");

    public static void Attempted(string webhook, string outcome) =>
        Attempts.Add(1, new KeyValuePair<string, object?>("webhook", webhook), new KeyValuePair<string, object?>("outcome", outcome));

    public static void Delivered(string webhook, TimeSpan lag) => Lag.Record(lag.TotalSeconds, new KeyValuePair<string, object?>("webhook", webhook));
}
