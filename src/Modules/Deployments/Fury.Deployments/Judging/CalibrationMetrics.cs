using System.Diagnostics.Metrics;

namespace Fury.Deployments.Judging;

/// <summary>The judge's false alarms at <c>/metrics</c>, of the host that has counted them last.</summary>
internal static class CalibrationMetrics
{
    private static readonly Meter Meter = new("Fury.Deployments");
    private static volatile FalseAlarms? _counted;

    static CalibrationMetrics()
    {
        Gauge("fury_judge_calibration_splits", counted => counted.Splits, $"Stable pools that were judged against themselves in {FalseAlarms.Nights} nights.");
        Gauge("fury_judge_calibration_failed", counted => counted.Failed, "Of these, those that failed: false alarms.");
        Gauge("fury_judge_false_alarm_rate", counted => counted.Rate, $"Failed of all splits; {FalseAlarms.Promised} is promised.");
        Gauge("fury_judge_false_alarm_alert", counted => counted.IsAlarming ? 1 : 0, "1 when the rate is above what is promised, and that is no chance.");
    }

    public static void Show(FalseAlarms counted) => _counted = counted;

    private static void Gauge(string name, Func<FalseAlarms, double?> value, string description) => Meter.CreateObservableGauge<double>(
        name, () => _counted is { } counted && value(counted) is { } known ? [new Measurement<double>(known)] : [], description: description);
}
