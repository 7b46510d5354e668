using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Rules;

internal static class VetoCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("veto", "Versions that must not run, on any scope of their application.")
        .With(Add(globals), List(globals), Lift(globals));

    private static FuryCommand Add(Globals globals)
    {
        var version = globals.Version("The version that must not run.");
        var reason = RuleOptions.Reason();
        return new FuryCommand(
                "add",
                "Refuses a version, also as a rollback, until the veto is lifted.",
                "fury veto add 1.4.0 -a shop --reason \"loses orders\"")
            .With(version, reason, globals.Application, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var (application, name) = call.Version(call.Value(version));
                var body = new { Reason = call.Value(reason), call.By };
                var answer = await call.Api.Put(Routes.Veto(application, name), body, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : $"Version {name} of {application} is vetoed.");
            });
    }

    private static FuryCommand List(Globals globals) => new FuryCommand("list", "The vetoes of an application.", "fury veto list -a shop")
        .With(globals.Application)
        .Lists<VetoRecord>(
            globals,
            call => Routes.Vetoes(call.Application()),
            _ => "No version is vetoed.",
            ["VERSION", "BY", "AT", "REASON"],
            one => [one.Version, one.By, Plain.Time(one.At), one.Reason]);

    private static FuryCommand Lift(Globals globals)
    {
        var version = globals.Version("The version that may run again.");
        var reason = RuleOptions.Reason();
        return new FuryCommand("lift", "Takes a veto back.", "fury veto lift 1.4.0 -a shop --reason \"it was another's fault\"")
            .With(version, reason, globals.Application, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var (application, name) = call.Version(call.Value(version));
                var body = new { Reason = call.Value(reason), call.By };
                var answer = await call.Api.Post(Routes.LiftVeto(application, name), body, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : $"Version {name} of {application} may run again.");
            });
    }
}
