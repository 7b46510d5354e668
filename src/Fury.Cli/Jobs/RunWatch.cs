using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Logs;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Jobs;

/// <summary>A run that has begun, until its end where that is asked for.</summary>
internal static class RunWatch
{
    private const int WatchTail = 5000;

    /// <summary>Says what was begun; watched, its lines follow, and the exit code tells how it ended.</summary>
    public static async Task<int> Begun(Invocation call, ScopeRef scope, Answer answer, bool watch, CancellationToken cancellation)
    {
        var run = answer.Read<RunRecord>();
        if (!watch)
        {
            Write(call, answer);
            return ExitCode.Ok;
        }

        if (!call.Json)
        {
            call.Out.WriteLine($"Run {run.Id}");
            await LogLines.Show(call, Routes.JobLogs(scope, run.Id, WatchTail, follow: true), cancellation);
        }

        while (!run.HasEnded)
        {
            answer = await call.Api.Get(Routes.Job(scope, run.Id), cancellation);
            run = answer.Read<RunRecord>();
            await Task.Delay(run.HasEnded ? TimeSpan.Zero : TimeSpan.FromSeconds(1), cancellation);
        }

        Write(call, answer);
        return run.Phase == "succeeded" ? ExitCode.Ok : ExitCode.WentBack;
    }

    public static void Write(Invocation call, Answer answer)
    {
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return;
        }

        var run = answer.Read<RunRecord>();
        TextTable.WriteFacts(
            call.Out,
            ("run", run.Id),
            ("version", run.Version),
            ("schedule", run.DueAt is { } due ? $"{run.Schedule}, due {Plain.Time(due)}" : run.Schedule),
            ("phase", run.Phase),
            ("reason", run.Reason),
            ("cluster", run.Cluster),
            ("failures", Plain.Number(run.Failures)),
            ("created", Plain.Time(run.CreatedAt)),
            ("started", run.StartedAt is { } started ? Plain.Time(started) : $"not yet; until {Plain.Time(run.StartBy)}"),
            ("ended", run.EndedAt is { } ended ? Plain.Time(ended) : null));
    }
}
