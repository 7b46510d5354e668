using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Jobs;

internal static class ScheduleCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("schedule", "Jobs that are run again and again.")
        .With(Set(globals), List(globals), Remove(globals))
        .With(
            Order(globals, "pause", "It is not due any more until it is resumed; what runs goes on.", Routes.PauseSchedule),
            Order(globals, "resume", "It is due again from now on; what it missed is not made up for.", Routes.ResumeSchedule))
        .With(Run(globals));

    private static FuryCommand Set(Globals globals)
    {
        var name = Named();
        var version = globals.Version("The version to run. Otherwise the one of fury.yaml.", optional: true);
        var cron = new Option<string>("--cron") { Description = "Minute, hour, day of month, month, day of week.", HelpName = "TEXT", Required = true };
        var zone = new Option<string?>("--time-zone") { Description = "An IANA name; Etc/UTC when left out.", HelpName = "NAME" };
        var concurrency = new Option<string?>("--concurrency") { Description = "When the run before has not ended: leave the new one out, or…" }
            .AcceptOnlyFromAmong("forbid", "allow", "replace");
        var paused = new Option<bool>("--paused") { Description = "Not due until it is resumed." };
        var succeeded = new Option<int?>("--keep-succeeded") { Description = "How many runs that succeeded are kept.", HelpName = "N" };
        var failed = new Option<int?>("--keep-failed") { Description = "How many runs that did not are kept.", HelpName = "N" };
        var job = new JobOptions();
        return new FuryCommand(
                "set",
                "Creates a schedule, or replaces it: what is left out has its default again.",
                "fury schedule set nightly 1.1.0 --cron \"30 2 * * *\" --time-zone Europe/Madrid --command report",
                "fury schedule set sweep 1.1.0 -a hello -s production-jobs --cron \"*/5 * * * *\" --concurrency replace --deadline 4m --start-within 1m")
            .With(name, version, cron, zone, concurrency, paused, succeeded, failed)
            .With(job.Options)
            .With(globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
            {
                var scope = call.Scope();
                var (_, wanted) = call.Version(call.Value(version));
                var body = new
                {
                    Cron = call.Value(cron),
                    TimeZone = call.Value(zone),
                    Concurrency = call.Value(concurrency),
                    Paused = call.Value(paused),
                    SucceededKept = call.Value(succeeded),
                    FailedKept = call.Value(failed),
                    Job = job.Read(call, wanted.Value),
                };
                Write(call, await call.Api.Put(Routes.Schedule(scope, call.Value(name)!), body, null, cancellation));
            });
    }

    private static FuryCommand List(Globals globals) =>
        new FuryCommand("list", "The schedules of a scope, by name.", "fury schedule list -s production-jobs")
            .With(globals.Application, globals.Scope)
            .Lists<ScheduleRecord>(
                globals,
                call => Routes.Schedules(call.Scope()),
                _ => "No schedules yet. Make one: fury schedule set NAME VERSION --cron TEXT",
                ["SCHEDULE", "CRON", "TIME ZONE", "CONCURRENCY", "VERSION", "COMMAND", "NEXT", "LEFT OUT"],
                one =>
                [
                    one.Name, one.Cron, one.TimeZone, one.Concurrency, one.Job.Version, one.Job.Command,
                    one.NextAt is { } next ? Plain.Time(next) : "paused", one.LeftOut,
                ],
                ("PAUSED", one => one.Paused ? "yes" : "no"));

    private static FuryCommand Remove(Globals globals)
    {
        var name = Named();
        return new FuryCommand("remove", "Forgets a schedule; what runs goes on.", "fury schedule remove nightly -s production-jobs")
            .With(name, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
            {
                await call.Api.Delete(Routes.Schedule(call.Scope(), call.Value(name)!), cancellation);
                call.Out.WriteLine($"Schedule {call.Value(name)} is forgotten.");
            });
    }

    private static FuryCommand Order(Globals globals, string verb, string description, Func<ScopeRef, string, string> path)
    {
        var name = Named();
        return new FuryCommand(verb, description, $"fury schedule {verb} nightly -s production-jobs")
            .With(name, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
                Write(call, await call.Api.Post(path(call.Scope(), call.Value(name)!), new { }, null, cancellation)));
    }

    private static FuryCommand Run(Globals globals)
    {
        var name = Named();
        return new FuryCommand("run", "Runs its job now, as its concurrency says.", "fury schedule run nightly -s production-jobs --watch")
            .With(name, globals.Application, globals.Scope, globals.Watch)
            .Runs(globals, async (call, cancellation) =>
            {
                var scope = call.Scope();
                var answer = await call.Api.Post(Routes.RunSchedule(scope, call.Value(name)!), new { }, FuryApi.NewKey(), cancellation);
                return await RunWatch.Begun(call, scope, answer, call.Value(globals.Watch), cancellation);
            });
    }

    private static void Write(Invocation call, Answer answer)
    {
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return;
        }

        var one = answer.Read<ScheduleRecord>();
        TextTable.WriteFacts(
            call.Out,
            ("schedule", one.Name),
            ("cron", $"{one.Cron} {one.TimeZone}"),
            ("concurrency", one.Concurrency),
            ("version", one.Job.Version),
            ("command", one.Job.Command),
            ("next", one.NextAt is { } next ? Plain.Time(next) : "paused"),
            ("left out", one.LeftOut));
    }

    private static Argument<string> Named() => new("NAME") { Description = "The name of the schedule." };
}
