using System.Text.RegularExpressions;
using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;
using Fury.Deployments.Sources;
using Fury.Kernel;

namespace Fury.Deployments.Planning;

/// <summary>Reads the metrics of a policy, with the defaults of what is not given.</summary>
internal static partial class MetricPolicies
{
    private const int QueryLengthMax = 2000;
    private const int SpacingMax = 3600;

    /// <summary>Bad fields are noted in <paramref name="validation"/>.</summary>
    /// <param name="sources">That this host knows.</param>
    public static IReadOnlyList<MetricPolicy> Of(
        IReadOnlyList<MetricRequest?> requests, Validation validation, IReadOnlyDictionary<string, SourceKind> sources)
    {
        validation.Require(requests.Count <= JudgePolicy.MetricsMax, requests.Count, $"at most {JudgePolicy.MetricsMax}", "policy.metrics");
        return requests.Count > JudgePolicy.MetricsMax
            ? []
            : [.. requests.Select((request, index) => Of(request ?? new(null, null), $"policy.metrics[{index}]", requests, validation, sources))];
    }

    private static MetricPolicy Of(
        MetricRequest request,
        string field,
        IReadOnlyList<MetricRequest?> all,
        Validation validation,
        IReadOnlyDictionary<string, SourceKind> sources)
    {
        validation.Require(
            request.Name is { } name && NamePattern().IsMatch(name) && !Metric.BuiltIn.Contains(name) && all.Count(other => other?.Name == name) == 1,
            request.Name,
            "1 to 60 of a-z, 0-9, '.', '_' and '-', none of the judge's own and none twice",
            $"{field}.name");
        var isKnown = sources.TryGetValue(request.Source ?? "", out var source);
        validation.Require(
            isKnown,
            request.Source,
            sources.Count == 0 ? "a source of the platform, which has none (Fury:Metrics:Sources)" : $"one of {string.Join(", ", sources.Keys)}",
            $"{field}.source");
        var kind = validation.Choice(request.Kind, MetricKind.Ratio, $"{field}.kind");
        foreach (var (query, text, isOfRatio) in new[] { ("bad", request.Bad, true), ("all", request.All, true), ("value", request.Value, false) })
        {
            if (isOfRatio != (kind == MetricKind.Ratio))
            {
                validation.Require(text is null, text, $"left out: it is none of a {Word.Of(kind)}'s", $"{field}.{query}");
            }
            else if (Unfit(text, kind, isKnown ? source : null) is { } expected)
            {
                validation.Require(false, text, expected, $"{field}.{query}");
            }
        }

        var usual = new MetricPolicy(request.Name ?? "", request.Source ?? "", kind);
        validation.Require(request.Tolerance is null or (> 0 and < 100), request.Tolerance, "above 0, below 100", $"{field}.tolerance");
        validation.Require(request.Weight is null or (> 0 and < 1000), request.Weight, "above 0, below 1000", $"{field}.weight");
        validation.Require(
            request.SpacingSeconds is null or (>= 0 and <= SpacingMax), request.SpacingSeconds, $"0 to {SpacingMax}", $"{field}.spacingSeconds");
        return usual with
        {
            Bad = request.Bad,
            All = request.All,
            Value = request.Value,
            Worse = validation.Choice(request.Worse, usual.Worse, $"{field}.worse"),
            Tolerance = request.Tolerance ?? usual.Tolerance,
            Weight = request.Weight ?? usual.Weight,
            Critical = request.Critical ?? usual.Critical,
            Shadow = request.Shadow ?? usual.Shadow,
            MustHaveData = request.MustHaveData ?? usual.MustHaveData,
            SpacingSeconds = request.SpacingSeconds ?? usual.SpacingSeconds,
        };
    }

    /// <summary>What a query should be and is not; null when it may be right.</summary>
    private static string? Unfit(string? query, MetricKind kind, SourceKind? source) =>
        string.IsNullOrWhiteSpace(query) || query.Length > QueryLengthMax || !query.Contains(IMetricSource.Pools, StringComparison.Ordinal)
            ? $"a query of at most {QueryLengthMax} characters that asks for {IMetricSource.Pools}, such as {Example(source)}"
        : kind != MetricKind.Ratio ? null
        : source == SourceKind.Prometheus && GrowthPattern().IsMatch(query)
            ? "a counter, without rate() or the like: Fury counts itself what it has grown by"
        : source == SourceKind.Datadog && !query.Contains(".as_count()", StringComparison.Ordinal) ? "a counter with .as_count()"
        : null;

    private static string Example(SourceKind? source) => source == SourceKind.Datadog
        ? "sum:payments.failed{fury_pool IN ($pools)} by {fury_pool}.as_count()"
        : "payments_failed_total{fury_pool=~\"$pools\"}";

    [GeneratedRegex(@"^[a-z0-9._-]{1,60}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\b(rate|irate|increase|delta|idelta|deriv)\s*\(", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GrowthPattern();
}
