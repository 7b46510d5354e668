using System.Globalization;
using System.Text;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Fury.Host;

/// <summary>The text exposition format 0.0.4 of Prometheus (prometheus.io/docs/instrumenting/exposition_formats).</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    public const int LabelValueLengthMax = 200;

    public static string Write(IEnumerable<Metric> metrics)
    {
        var text = new StringBuilder();
        foreach (var metric in metrics.Where(metric => metric.Series.Any()).OrderBy(metric => metric.Name, StringComparer.Ordinal))
        {
            if (metric.Help is { Length: > 0 } help)
            {
                text.Append("# HELP ").Append(metric.Name).Append(' ').Append(Escape(help, quotes: false)).Append('\n');
            }

            text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(TypeOf(metric.Kind)).Append('\n');
            foreach (var (labels, series) in metric.Series.Select(one => (Labels(one.Key), one.Value)).OrderBy(one => one.Item1, StringComparer.Ordinal))
            {
                Write(text, metric, labels, series);
            }
        }

        return text.ToString();
    }

    /// <summary>By the OpenTelemetry convention: the unit is part of the name, and a counter ends with _total.</summary>
    public static string NameOf(string instrument, string? unit, MetricKind kind)
    {
        var name = Identifier(instrument, colons: true);
        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "%" => "_percent",
            _ => "",
        };
        name = name.EndsWith(suffix, StringComparison.Ordinal) ? name : name + suffix;
        return kind is MetricKind.Counter or MetricKind.Total && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private static void Write(StringBuilder text, Metric metric, string labels, Series series)
    {
        var (value, buckets) = series.Read();
        if (metric.Kind != MetricKind.Histogram)
        {
            Line(text, metric.Name, labels, Number(value));
            return;
        }

        var count = 0L;
        for (var index = 0; index < buckets.Length; index++)
        {
            count += buckets[index];
            var bound = $"le=\"{(index < metric.Bounds.Count ? Number(metric.Bounds[index]) : "+Inf")}\"";
            Line(text, metric.Name + "_bucket", labels.Length == 0 ? bound : $"{labels},{bound}", Number(count));
        }

        Line(text, metric.Name + "_sum", labels, Number(value));
        Line(text, metric.Name + "_count", labels, Number(count));
    }

    private static void Line(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }

    private static string Labels(Tag[] tags) => string.Join(',', tags.Select(tag =>
        $"{Identifier(tag.Key, colons: false)}=\"{Escape(Cut(Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? ""), quotes: true)}\""));

    private static string Cut(string value) => value.Length <= LabelValueLengthMax ? value : value[..LabelValueLengthMax];

    private static string Identifier(string name, bool colons)
    {
        var safe = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || (colons && letter == ':') ? letter : '_'));
        return safe.Length == 0 || char.IsAsciiDigit(safe[0]) ? $"_{safe}" : safe;
    }

    private static string Escape(string text, bool quotes)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter or MetricKind.Total => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };
}
