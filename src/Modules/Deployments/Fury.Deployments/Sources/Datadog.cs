using System.Net.Http.Json;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Deployments.Sources;

/// <summary>
/// Datadog's timeseries of metrics (<c>POST /api/v2/query/timeseries</c>): points of a few seconds each for many pools, which are a list in their place. A
/// counter's points are what was counted in those seconds (<c>.as_count()</c>).
/// </summary>
internal sealed class Datadog(SourceOptions options, SourceHttp http) : IMetricSource, IDisposable
{
    private const string Path = "/api/v2/query/timeseries";

    /// <summary>How long a point is. Datadog takes longer ones where they would be too many.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Points so young may still grow, and are left to the next time.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public string Name => options.Name;

    public bool IsCumulative => false;

    public async Task<Outcome<IReadOnlyList<Point>>> Read(
        string query, IReadOnlyCollection<PoolId> pools, DateTimeOffset at, CancellationToken cancellation)
    {
        var to = DateTimeOffset.FromUnixTimeSeconds((at - Settling).ToUnixTimeSeconds() / (long)Interval.TotalSeconds * (long)Interval.TotalSeconds);
        using var body = JsonContent.Create(new
        {
            data = new
            {
                type = "timeseries_request",
                attributes = new
                {
                    formulas = new[] { new { formula = "a" } },
                    from = (to - Window).ToUnixTimeMilliseconds(),
                    interval = (long)Interval.TotalMilliseconds,
                    queries = new[]
                    {
                        new
                        {
                            data_source = "metrics",
                            name = "a",
                            query = query.Replace(IMetricSource.Pools, string.Join(',', pools), StringComparison.Ordinal),
                        },
                    },
                    to = to.ToUnixTimeMilliseconds(),
                },
            },
        });
        var credentials = new Dictionary<string, Secret> { ["DD-API-KEY"] = options.ApiKey!, ["DD-APPLICATION-KEY"] = options.ApplicationKey! };
        return (await http.Post(Path, body, credentials, cancellation)).Then(json => Parse(json, pools, to));
    }

    public void Dispose() => http.Dispose();

    private Outcome<IReadOnlyList<Point>> Parse(JsonElement json, IReadOnlyCollection<PoolId> pools, DateTimeOffset to)
    {
        if (json.Member("errors") is { ValueKind: JsonValueKind.String } errors && $"{errors}".Length > 0)
        {
            return Fault.Invalid($"Source {Name} refuses the query: {FieldFault.Of("", errors, "").Value}.");
        }

        var attributes = json.Member("data")?.Member("attributes");
        if (attributes?.Member("series") is not { ValueKind: JsonValueKind.Array } series
            || attributes?.Member("values") is not { ValueKind: JsonValueKind.Array } values
            || attributes?.Member("times") is not { ValueKind: JsonValueKind.Array } times
            || values.GetArrayLength() != series.GetArrayLength())
        {
            return http.Dark($"its answer is not one of Datadog, so its Url is not that of the API, {options.Url}");
        }

        List<DateTimeOffset> begins = [.. times.EnumerateArray().Select(time => DateTimeOffset.FromUnixTimeMilliseconds(time.GetInt64()))];
        var length = begins.Count > 1 ? begins[1] - begins[0] : Interval;
        var reading = new SeriesReading(options, pools);
        foreach (var (one, said) in series.EnumerateArray().Zip(values.EnumerateArray()))
        {
            var tags = one.Member("group_tags") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(tag => $"{tag}") : [];
            reading.Add(
                tags.Select(tag => tag.Split(':', 2) is [var name, var value] ? (name, value) : (tag, "")),
                from point in begins.Zip(said.EnumerateArray())
                where point.Second.ValueKind == JsonValueKind.Number && point.First + length <= to
                select (point.First + length, point.Second.GetDouble()));
        }

        return reading.Points;
    }
}
