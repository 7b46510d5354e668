using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Logs;
using Fury.Cli.Output;

namespace Fury.Cli.Jobs;

internal static class JobCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("job", "Runs of jobs: processes that run to their end.")
        .With(Run(globals), List(globals), Show(globals), Logs(globals), Cancel(globals));

    private static FuryCommand Run(Globals globals)
    {
        var version = globals.Version("The version to run. Otherwise the one of fury.yaml.", optional: true);
        var job = new JobOptions();
        var key = new Option<string?>("--key") { Description = "Idempotency key: the same key again returns the run of the first call.", HelpName = "TEXT" };
        return new FuryCommand(
                "run",
                "Runs a version, or another command of it, to its end in the best cluster.",
                "fury job run 1.1.0 --command migrate --argument --all --watch",
                "fury job run 1.1.0 -a hello -s production-jobs --retries 3 --deadline 10m --key migrate-42",
                "fury job run 1.1.0 --location aws/us-east-1 --cpu 2000 --memory 4096")
            .With(version)
            .With(job.Options)
            .With(key, globals.Application, globals.Scope, globals.Watch)
            .Runs(globals, async (call, cancellation) =>
            {
                var scope = call.Scope();
                var (_, name) = call.Version(call.Value(version));
                var answer = await call.Api.Post(Routes.Jobs(scope), job.Read(call, name.Value), call.Value(key) ?? FuryApi.NewKey(), cancellation);
                return await RunWatch.Begun(call, scope, answer, call.Value(globals.Watch), cancellation);
            });
    }

    private static FuryCommand List(Globals globals)
    {
        var schedule = new Option<string?>("--schedule") { Description = "Only the runs of this schedule.", HelpName = "NAME" };
        return new FuryCommand("list", "The runs of a scope, newest first.", "fury job list -s production-jobs", "fury job list --schedule nightly")
            .With(schedule, globals.Application, globals.Scope)
            .Lists<RunRecord>(
                globals,
                call => Routes.With(Routes.Jobs(call.Scope()), call.Value(schedule) is { } name ? [$"schedule={Uri.EscapeDataString(name)}"] : []),
                _ => "No runs yet. Run one: fury job run VERSION",
                ["RUN", "SCHEDULE", "VERSION", "PHASE", "CLUSTER", "FAILURES", "CREATED", "REASON"],
                one => [one.Id, one.Schedule, one.Version, one.Phase, one.Cluster, Plain.Number(one.Failures), Plain.Time(one.CreatedAt), one.Reason]);
    }

    private static FuryCommand Show(Globals globals)
    {
        var run = Named();
        return new FuryCommand("show", "One run.", "fury job show 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d -s production-jobs")
            .With(run, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
                RunWatch.Write(call, await call.Api.Get(Routes.Job(call.Scope(), call.Value(run)!), cancellation)));
    }

    private static FuryCommand Logs(Globals globals)
    {
        var run = Named();
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay and show new lines as they come, until it has ended." };
        var tail = new Option<int>("--tail") { Description = "How many lines of each attempt.", HelpName = "N", DefaultValueFactory = _ => 1000 };
        return new FuryCommand(
                "logs",
                "What a run writes, as text: time, number of the attempt, line. The last lines are there after its end, too.",
                "fury job logs 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d --follow")
            .With(run, follow, tail, globals.Application, globals.Scope)
            .Runs(globals, (call, cancellation) =>
                LogLines.Show(call, Routes.JobLogs(call.Scope(), call.Value(run)!, call.Value(tail), call.Value(follow)), cancellation));
    }

    private static FuryCommand Cancel(Globals globals)
    {
        var run = Named();
        var reason = new Option<string?>("--reason") { Description = "For the record.", HelpName = "TEXT" };
        return new FuryCommand(
                "cancel",
                "Ends a run and takes what it has in its cluster away.",
                "fury job cancel 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d --reason \"wrong data\"")
            .With(run, reason, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
            {
                var scope = call.Scope();
                var body = new { Reason = call.Value(reason) };
                RunWatch.Write(call, await call.Api.Post(Routes.CancelJob(scope, call.Value(run)!), body, null, cancellation));
            });
    }

    private static Argument<string> Named() => new("RUN") { Description = "The id of the run; 'fury job list' says it." };
}
