using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Rules;

internal static class FreezeCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("freeze", "When deployments may be, and when not.")
        .With(Add(globals), List(globals), Remove(globals), OverrideCommand.Create(globals), OverrideCommand.List(globals));

    private static FuryCommand Add(Globals globals)
    {
        var name = Named();
        var kind = new Option<string?>("--kind") { Description = "deny: nothing is deployed while it lasts (the usual). allow: only while it lasts." }
            .AcceptOnlyFromAmong("deny", "allow");
        var teams = RuleOptions.Each("--team", "An owner of applications.");
        var applications = RuleOptions.Each("--application", "An application.");
        var scopes = RuleOptions.Each("--scope", "A scope, in which * stands for any letters.");
        var criticalities = RuleOptions.Each("--criticality", "low, medium, high or critical.");
        var providers = RuleOptions.Each("--provider", "The first part of a location.");
        var regions = RuleOptions.Each("--region", "The second part of a location.");
        var from = new Option<string?>("--from") { Description = "Now when left out.", HelpName = "2026-12-23T18:00Z" };
        var to = new Option<string?>("--to") { Description = "Until it is removed when left out.", HelpName = "2027-01-02T08:00Z" };
        var cron = new Option<string?>("--cron") { Description = "When it begins, again and again, instead of --from and --to.", HelpName = "TEXT" };
        var lasts = Spans.Option("--lasts", "How long each time lasts by the clock on the wall.");
        var zone = new Option<string?>("--time-zone") { Description = "An IANA name; UTC when left out.", HelpName = "NAME" };
        var inFlight = new Option<string?>("--in-flight") { Description = "What becomes of a deployment that it meets; hold when left out." }
            .AcceptOnlyFromAmong("finish-step", "hold", "rollback");
        var reason = RuleOptions.Reason();
        return new FuryCommand(
                "add",
                "Makes a freeze, or replaces it: what is left out has its default again. Without selectors it covers everything.",
                "fury freeze add christmas --from 2026-12-23T18:00Z --to 2027-01-02T08:00Z --criticality critical --reason \"year end\"",
                "fury freeze add weekend --cron \"0 18 * * 5\" --lasts 62h --time-zone Europe/Madrid --scope \"production-*\" --reason \"nobody is there\"",
                "fury freeze add outage --provider aws --region us-east-1 --in-flight rollback --reason \"the region is down\"")
            .With(name, kind, teams, applications, scopes, criticalities, providers, regions)
            .With(from, to, cron, lasts, zone, inFlight, reason, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var body = new
                {
                    Kind = call.Value(kind),
                    Covers = new
                    {
                        Teams = call.Value(teams),
                        Applications = call.Value(applications),
                        Scopes = call.Value(scopes),
                        Criticalities = call.Value(criticalities),
                        Providers = call.Value(providers),
                        Regions = call.Value(regions),
                    },
                    From = call.Value(from),
                    To = call.Value(to),
                    Recurs = call.Value(cron) is { } times
                        ? new { Cron = times, TimeZone = call.Value(zone), Minutes = Minutes(call.Value(lasts)) }
                        : null,
                    InFlight = call.Value(inFlight),
                    Reason = call.Value(reason),
                    call.By,
                };
                var answer = await call.Api.Put(Routes.Freeze(call.Value(name)!), body, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : Told(answer.Read<FreezeRecord>()));
            });
    }

    private static FuryCommand List(Globals globals) =>
        new FuryCommand("list", "Every freeze, and whether its time is now.", "fury freeze list").Lists<FreezeRecord>(
            globals,
            _ => Routes.Freezes,
            _ => "No freezes. Make one: fury freeze add NAME --reason TEXT",
            ["FREEZE", "KIND", "COVERS", "WHEN", "NOW", "UNTIL", "IN FLIGHT", "BY", "REASON"],
            one =>
            [
                one.Name, one.Kind, $"{one.Covers}", When(one), one.IsNow ? "yes" : "no", one.Until is { } until ? Plain.Time(until) : null, one.InFlight,
                one.By, one.Reason,
            ]);

    private static FuryCommand Remove(Globals globals)
    {
        var name = Named();
        var reason = RuleOptions.Reason();
        return new FuryCommand("remove", "Removes a freeze, with its overrides.", "fury freeze remove christmas --reason \"it is over\"")
            .With(name, reason, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Post(
                    Routes.RemoveFreeze(call.Value(name)!), new { Reason = call.Value(reason), call.By }, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : $"Freeze {call.Value(name)} is removed.");
            });
    }

    public static Argument<string> Named() => new("NAME") { Description = "The name of the freeze." };

    private static int Minutes(int? seconds) => seconds is { } given && given % 60 == 0
        ? given / 60
        : throw CommandFailure.Usage("With --cron, --lasts must be a whole number of minutes, e.g. 90m or 62h.");

    private static string Told(FreezeRecord freeze) =>
        $"Freeze {freeze.Name} {(freeze.IsNow ? "holds now" : "does not hold now")}{(freeze.Until is { } until ? $", until {Plain.Time(until)}" : "")}.";

    private static string When(FreezeRecord freeze) => freeze.Recurs is { } recurs
        ? $"{recurs.Cron} {recurs.TimeZone} for {recurs.Minutes} m"
        : $"{(freeze.From is { } from ? Plain.Time(from) : "")} to {(freeze.To is { } to ? Plain.Time(to) : "its removal")}".TrimStart();
}
