using System.Text.Json;
using System.Text.RegularExpressions;
using Fury.Deployments.Contracts;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Deployments.Tests.Sources;

/// <summary>What the page for users shows is so.</summary>
public sealed class MetricsPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(FuryProcess.Root, "docs", "metrics.md"));

    /// <summary>Those of its example; it is valid.</summary>
    internal static IReadOnlyList<MetricPolicy> Metrics
    {
        get
        {
            var requests = JsonSerializer.Deserialize<MetricRequest[]>(Page.Split("```json")[1].Split("```")[0], FuryJson.Options)!;
            var validation = new Validation();
            Dictionary<string, SourceKind> sources = new() { ["prom"] = SourceKind.Prometheus, ["dog"] = SourceKind.Datadog };
            var metrics = MetricPolicies.Of(requests, validation, sources);
            Assert.Null(validation.Fault);
            return metrics;
        }
    }

    [Fact]
    public void Its_metrics_are_taken() => Assert.Equal(["failed-payments", "queue", "failed-logins"], Metrics.Select(metric => metric.Name));

    [Fact]
    public void Its_fields_and_defaults_are_those_of_the_contract()
    {
        var usual = JsonSerializer.SerializeToElement(new MetricPolicy("", "", MetricKind.Ratio), FuryJson.Options);
        var rows = Page.Split("| field | default | |")[1].Split("\n\n")[0].Split('\n').Skip(2).Select(row => row.Replace("`", "").Split('|')).ToList();

        Assert.Equal(
            typeof(MetricRequest).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Order(),
            rows.SelectMany(row => row[1].Split(',')).Select(name => name.Trim()).Order());
        Assert.All(
            rows.Where(row => row[2].Trim().Length > 0),
            row => Assert.Equal(row[2].Trim(), $"{usual.GetProperty(row[1].Trim())}".ToLowerInvariant()));
    }

    [Fact]
    public void Its_settings_are_those_that_are_read()
    {
        var named = Regex.Matches(Page.Split("| setting | |")[1].Split("\n\n")[0], "^\\| (.*?) \\|", RegexOptions.Multiline)
            .SelectMany(row => Regex.Matches(row.Groups[1].Value, "`(\\w+)`")).Select(name => name.Groups[1].Value);

        Assert.Equal(SourceOptions.KeysOfPrometheus.Union(SourceOptions.KeysOfDatadog).Order(), named.Order());
    }
}
