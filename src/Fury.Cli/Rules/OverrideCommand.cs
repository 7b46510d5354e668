using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Rules;

internal static class OverrideCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var freeze = FreezeCommand.Named();
        var span = Spans.Option("--for", "How long from now, at most 168h.");
        var reason = new Option<string?>("--reason") { Description = "Why, for the record.", HelpName = "TEXT" };
        var confirm = new Option<string?>("--confirm") { Description = "The override that another person has asked for.", HelpName = "ID" };
        return new FuryCommand(
                "override",
                "Asks that a freeze does not hold for an application or one of its scopes for a while, or confirms what another person has asked.",
                "fury freeze override christmas -a shop -s production-web --for 2h --reason \"orders fail\"",
                "fury freeze override christmas --confirm 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d")
            .With(freeze, span, reason, confirm, globals.Application, globals.Scope, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var name = call.Value(freeze)!;
                var answer = call.Value(confirm) is { } id
                    ? await call.Api.Post(Routes.ConfirmOverride(name, id), new { call.By }, null, cancellation)
                    : await call.Api.Post(Routes.Overrides(name), Wish(call), null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : Told(name, answer.Read<OverrideRecord>()));
            });

        object Wish(Invocation call) => new
        {
            Application = call.Application().Value,
            Scope = call.Value(globals.Scope) is { } scope ? Invocation.Checked(check => check.Name<ScopeName>(scope, "scope")).Value : null,
            Until = TimeProvider.System.GetUtcNow().AddSeconds(call.Value(span) ?? throw CommandFailure.Usage("An override needs --for, e.g. --for 2h.")),
            Reason = call.Value(reason),
            call.By,
        };
    }

    public static FuryCommand List(Globals globals)
    {
        var freeze = FreezeCommand.Named();
        return new FuryCommand("overrides", "The overrides of a freeze, newest first.", "fury freeze overrides christmas")
            .With(freeze)
            .Lists<OverrideRecord>(
                globals,
                call => Routes.Overrides(call.Value(freeze)!),
                _ => "Nobody has asked for an override of this freeze.",
                ["OVERRIDE", "FOR", "UNTIL", "ASKED BY", "CONFIRMED BY", "REASON"],
                one => [one.Id, Subject(one), Plain.Time(one.Until), one.AskedBy, one.ConfirmedBy, one.Reason]);
    }

    private static string Subject(OverrideRecord one) => one.Scope is null ? one.Application : $"{one.Application}/{one.Scope}";

    private static string Told(string freeze, OverrideRecord one) => one.ConfirmedBy is null
        ? $"Another person must confirm it: fury freeze override {freeze} --confirm {one.Id}"
        : $"Freeze {freeze} does not hold for {Subject(one)} until {Plain.Time(one.Until)}.";
}
