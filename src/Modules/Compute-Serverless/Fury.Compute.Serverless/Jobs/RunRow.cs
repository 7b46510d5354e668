using System.Text.Json;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>Runs as the database has them.</summary>
internal static class RunRow
{
    public static JobRun Read(string run) => JsonSerializer.Deserialize<JobRun>(run, FuryJson.Options)!;

    public static RunLine[] ReadLines(string lines) => JsonSerializer.Deserialize<RunLine[]>(lines, FuryJson.Options)!;

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, FuryJson.Options);

    public static object Of(JobRun run, RunKey? key = null) => new
    {
        id = run.Id,
        scope = run.Scope,
        schedule = run.Schedule?.Value,
        dueAt = run.DueAt,
        phase = Word.Of(run.Phase),
        cluster = run.Cluster,
        clean = run.IsClean,
        settled = run.IsSettled,
        retryAt = run.RetryAt,
        startBy = run.StartBy,
        replaces = run.Replaces.Select(replaced => replaced.Value).ToArray(),
        run = Write(run),
        key = key?.Key,
        hash = key?.Hash,
        endedAt = run.EndedAt,
    };
}
