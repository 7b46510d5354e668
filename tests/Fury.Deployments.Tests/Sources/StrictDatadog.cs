using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Sources;

/// <summary>Answers as the documentation of <c>POST /api/v2/query/timeseries</c> has it, and refuses every request that is not as it is there.</summary>
internal sealed partial class StrictDatadog : HttpMessageHandler
{
    private readonly List<(DateTimeOffset At, string Metric, string Pool, double Count)> _events = [];

    public void Count(DateTimeOffset at, string metric, PoolId pool, double count) => _events.Add((at, metric, $"{pool}", count));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Assert.Equal((HttpMethod.Post, "/api/v2/query/timeseries", ""), (request.Method, request.RequestUri!.AbsolutePath, request.RequestUri.Query));
        Assert.Equal("application/json", request.Content!.Headers.ContentType!.MediaType);
        if (Header("DD-API-KEY") != "api-key" || Header("DD-APPLICATION-KEY") != "application-key")
        {
            return Json(HttpStatusCode.Forbidden, new { errors = new[] { "Forbidden" } });
        }

        using var body = JsonDocument.Parse(await request.Content.ReadAsByteArrayAsync(cancellationToken));
        var data = Exactly(Exactly(body.RootElement, "data").GetProperty("data"), "attributes", "type");
        Assert.Equal("timeseries_request", data.GetProperty("type").GetString());
        var attributes = Exactly(data.GetProperty("attributes"), "formulas", "from", "interval", "queries", "to");
        var query = Exactly(Assert.Single(attributes.GetProperty("queries").EnumerateArray()), "data_source", "name", "query");
        Assert.Equal("metrics", query.GetProperty("data_source").GetString());
        var formula = Exactly(Assert.Single(attributes.GetProperty("formulas").EnumerateArray()), "formula");
        Assert.Equal(query.GetProperty("name").GetString(), formula.GetProperty("formula").GetString());
        var (from, to, interval) = (
            attributes.GetProperty("from").GetInt64(), attributes.GetProperty("to").GetInt64(), attributes.GetProperty("interval").GetInt64());
        Assert.True(from < to && interval >= 1000 && (to - from) / interval <= 1500, "A request is for some time, and at most 1500 points.");
        var text = query.GetProperty("query").GetString()!;
        return QueryPattern().Match(text) is not { Success: true } asked
            ? Json(HttpStatusCode.BadRequest, new { errors = new[] { $"Rule 'scope_expr' didn't match: error parsing query: '{text}'" } })
            : Json(HttpStatusCode.OK, Answer(asked, from, to, interval));

        string? Header(string name) => request.Headers.TryGetValues(name, out var values) ? values.Single() : null;
    }

    private object Answer(Match asked, long from, long to, long interval)
    {
        var pools = asked.Groups["pools"].Value.Split(',');
        long[] times = [.. Enumerable.Range(0, (int)((to - from) / interval)).Select(index => from + (index * interval))];
        var counted = _events.Where(one => one.Metric == asked.Groups["metric"].Value && pools.Contains(one.Pool));
        var groups = counted.GroupBy(one => asked.Groups["by"].Success ? one.Pool : "").Select(group => (
            group.Key,
            Values: times.Select(time => group.Where(one => one.At.ToUnixTimeMilliseconds() is var at && at >= time && at < time + interval)
                .Select(one => (double?)one.Count).Aggregate((double?)null, (sum, count) => (sum ?? 0) + count)).ToArray()))
            .Where(group => group.Values.Any(value => value is not null)).ToList();
        return new
        {
            data = new
            {
                type = "timeseries_response",
                attributes = new
                {
                    series = groups.Select(group => new { group_tags = group.Key.Length == 0 ? (string[])[] : [$"fury_pool:{group.Key}"], query_index = 0 }),
                    times,
                    values = groups.Select(group => group.Values),
                },
            },
        };
    }

    private static JsonElement Exactly(JsonElement json, params string[] members)
    {
        Assert.Equal(members, json.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        return json;
    }

    private static HttpResponseMessage Json(HttpStatusCode status, object body) => new(status) { Content = JsonContent.Create(body) };

    [GeneratedRegex(@"^sum:(?<metric>[a-z.]+)\{fury_pool IN \((?<pools>[0-9a-f,-]+)\)\}(?<by> by \{fury_pool\})?\.as_count\(\)$")]
    private static partial Regex QueryPattern();
}
