using Fury.Kernel;
using Microsoft.Extensions.Configuration;

namespace Fury.Deployments.Sources;

/// <summary>A query that scopes may scale by, as this host is configured: <c>Fury:Metrics:Queries:NAME:…</c>.</summary>
/// <param name="Name">As targets and steps name it.</param>
/// <param name="Source">The name of a source.</param>
/// <param name="Query">With <see cref="IMetricSource.Pools"/>; of several series of a pool their sum counts.</param>
internal sealed record QueryOptions(string Name, string Source, string Query)
{
    public const string Section = "Fury:Metrics:Queries";

    private const int QueryLengthMax = 2000;

    private static readonly string[] Keys = ["Source", "Query"];
    private static readonly string[] Taken = ["cpu", "requests", "in-flight"];

    /// <exception cref="InvalidOperationException">A sentence for each setting that is bad, and what would be right.</exception>
    public static IReadOnlyList<QueryOptions> Read(IConfiguration settings, IReadOnlyList<SourceOptions> sources)
    {
        List<string> wrong = [];
        List<QueryOptions> queries = [];
        foreach (var section in settings.GetSection(Section).GetChildren())
        {
            var (name, source, query) = (section.Key, section["Source"], section["Query"]);
            if (!AutoscalePolicy.IsMetric(name) || Taken.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                wrong.Add($"The name of {section.Path} must be 1 to 100 letters, digits, dots, hyphens and _, and none of {string.Join(", ", Taken)}.");
            }

            wrong.AddRange(section.GetChildren()
                .Where(child => !Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                .Select(child => $"{child.Path} is no setting of a query; there are {string.Join(", ", Keys)}."));
            if (!sources.Any(one => one.Name == source))
            {
                Wrong("Source", source, sources.Count == 0
                    ? $"the name of a source, and there is none in {SourceOptions.Section}"
                    : $"one of {string.Join(", ", sources.Select(one => one.Name))}");
            }

            if (query is null || query.Length > QueryLengthMax || !query.Contains(IMetricSource.Pools, StringComparison.Ordinal))
            {
                Wrong("Query", query, $"a query of at most {QueryLengthMax} characters with {IMetricSource.Pools} in the place of the pools");
            }

            queries.Add(new(name, source ?? "", query ?? ""));

            void Wrong(string key, string? value, string expected) =>
                wrong.Add($"{section.Path}:{key} must be {expected}, and is {(value is null ? "not set" : $"'{value}'")}.");
        }

        return wrong.Count == 0 ? queries : throw new InvalidOperationException(string.Join(' ', wrong));
    }
}
