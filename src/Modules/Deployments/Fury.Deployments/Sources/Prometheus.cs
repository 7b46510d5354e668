using System.Globalization;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Deployments.Sources;

/// <summary>
/// Prometheus, or what speaks its HTTP API (Thanos, Mimir, VictoriaMetrics): an instant query for many pools, which are a regular expression in their place.
/// What it says has the time that was asked for, so it is asked for the same times by every host.
/// </summary>
internal sealed class Prometheus(SourceOptions options, SourceHttp http) : IMetricSource, IDisposable
{
    private const string Path = "/api/v1/query";

    public string Name => options.Name;

    public bool IsCumulative => true;

    public async Task<Outcome<IReadOnlyList<Point>>> Read(
        string query, IReadOnlyCollection<PoolId> pools, DateTimeOffset at, CancellationToken cancellation)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["query"] = query.Replace(IMetricSource.Pools, string.Join('|', pools), StringComparison.Ordinal),
            ["time"] = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["timeout"] = $"{SourceHttp.Timeout.TotalSeconds}s",
        });
        var credentials = options.Token is { } token ? new Dictionary<string, Secret> { ["Authorization"] = token } : [];
        return (await http.Post(Path, form, credentials, cancellation)).Then(json => Parse(json, pools));
    }

    public void Dispose() => http.Dispose();

    private Outcome<IReadOnlyList<Point>> Parse(JsonElement json, IReadOnlyCollection<PoolId> pools)
    {
        if (json.Member("status")?.ToString() != "success" || json.Member("data")?.Member("resultType") is not { } type)
        {
            return http.Dark($"its answer is not one of Prometheus, so its Url is not that of the API, {options.Url}");
        }

        if ($"{type}" != "vector" || json.Member("data")?.Member("result") is not { ValueKind: JsonValueKind.Array } result)
        {
            return Fault.Invalid($"Source {Name} answers with a {type}: right would be a vector, whose series have the label {options.Label}.");
        }

        var reading = new SeriesReading(options, pools);
        foreach (var series in result.EnumerateArray())
        {
            if (series.Member("metric") is not { ValueKind: JsonValueKind.Object } labels
                || series.Member("value") is not { ValueKind: JsonValueKind.Array } pair
                || pair.GetArrayLength() != 2
                || pair[0].ValueKind != JsonValueKind.Number
                || !double.TryParse(pair[1].ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                return Fault.Invalid($"Source {Name} answers with histograms or with what is no number: right would be series of numbers.");
            }

            reading.Add(
                labels.EnumerateObject().Select(label => (label.Name, $"{label.Value}")),
                [(DateTimeOffset.FromUnixTimeMilliseconds((long)(pair[0].GetDouble() * 1000)), value)]);
        }

        return reading.Points;
    }
}
