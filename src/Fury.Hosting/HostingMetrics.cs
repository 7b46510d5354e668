using System.Diagnostics.Metrics;

namespace Fury.Hosting;

/// <summary>What Hosting measures. Times are in seconds.</summary>
internal static class HostingMetrics
{
    private static readonly Meter Meter = new("Fury.Hosting");

    /// <summary>From the commit that told an event to the return of its last listener.</summary>
    public static readonly Histogram<double> OutboxDelivery = Meter.CreateHistogram<double>("fury.outbox.delivery", "s");

    public static readonly Counter<long> OutboxRetries = Meter.CreateCounter<long>("fury.outbox.retries");

    public static readonly Counter<long> OutboxParked = Meter.CreateCounter<long>("fury.outbox.parked");

    public static readonly Histogram<double> ReconcilerPass = Meter.CreateHistogram<double>("fury.reconciler.pass", "s");

    public static readonly Counter<long> ReconcilerFailures = Meter.CreateCounter<long>("fury.reconciler.failures");

    public static readonly Counter<long> LeasesLost = Meter.CreateCounter<long>("fury.leases.lost");

    public static readonly Counter<long> DatabaseRetries = Meter.CreateCounter<long>("fury.database.retries");
}
