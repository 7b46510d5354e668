using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Rules;

internal static class PinCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("pin", "Scopes that stay at what they run.")
        .With(Set(globals), List(globals), Lift(globals));

    private static FuryCommand Set(Globals globals)
    {
        var reason = RuleOptions.Reason();
        return new FuryCommand("set", "Admits nothing but a rollback until the pin is lifted.", "fury pin set -a shop -s production-web --reason \"audit\"")
            .With(reason, globals.Application, globals.Scope, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var scope = call.Scope();
                var answer = await call.Api.Put(Routes.Pin(scope), new { Reason = call.Value(reason), call.By }, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : $"Scope {scope} is pinned to what it runs.");
            });
    }

    private static FuryCommand List(Globals globals) => new FuryCommand("list", "Every pinned scope.", "fury pin list").Lists<PinRecord>(
        globals,
        _ => Routes.Pins,
        _ => "No scope is pinned.",
        ["SCOPE", "BY", "AT", "REASON"],
        one => [$"{one.Scope.Application}/{one.Scope.Scope}", one.By, Plain.Time(one.At), one.Reason]);

    private static FuryCommand Lift(Globals globals)
    {
        var reason = RuleOptions.Reason();
        return new FuryCommand("lift", "Takes a pin back.", "fury pin lift -a shop -s production-web --reason \"the audit is over\"")
            .With(reason, globals.Application, globals.Scope, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var scope = call.Scope();
                var answer = await call.Api.Post(Routes.LiftPin(scope), new { Reason = call.Value(reason), call.By }, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : $"Scope {scope} is deployed to again.");
            });
    }
}
