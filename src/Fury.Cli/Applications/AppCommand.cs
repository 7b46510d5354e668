using System.CommandLine;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Cli.Completion;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Applications;

internal static class AppCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("app", "Applications: microservices with an owning team.")
        .With(CreateOne(globals), List(globals), Show(globals));

    private static FuryCommand CreateOne(Globals globals)
    {
        var name = Name("Lower-case letters, digits and hyphens.", globals, optional: false);
        var team = new Option<string>("--team", "-t") { Description = "The owning team.", Required = true };
        var criticality = new Option<string?>("--criticality") { Description = "How much an outage hurts." }
            .AcceptOnlyFromAmong("low", "medium", "high", "critical");
        var ifMatch = new Option<string?>("--if-match") { Description = "Change it only if this is its revision.", HelpName = "REVISION" };
        return new FuryCommand(
                "create",
                "Creates an application, or with --if-match changes its team and criticality.",
                "fury app create hello --team greeters",
                "fury app create shop --team checkout --criticality critical",
                "fury app create shop --team payments --if-match 1")
            .With(name, team, criticality, ifMatch)
            .Runs(globals, async (call, cancellation) =>
            {
                var application = Invocation.Checked(check => check.Name<ApplicationName>(call.Value(name), "name"));
                var answer = await call.Api.Put(
                    Routes.Application(application),
                    new { Team = call.Value(team), Criticality = call.Value(criticality) },
                    call.Value(ifMatch),
                    cancellation);
                Write(call, answer);
            });
    }

    private static FuryCommand List(Globals globals) =>
        new FuryCommand("list", "All applications, by name.", "fury app list", "fury app list -o json")
        .Lists<Application>(
            globals,
            _ => Routes.Applications,
            _ => "No applications yet. Create one: fury app create NAME --team TEAM",
            ["NAME", "TEAM", "CRITICALITY", "CREATED"],
            one => [one.Name.Value, one.Team, Word.Of(one.Criticality), Plain.Time(one.CreatedAt)],
            ("REVISION", one => Plain.Number(one.Revision)));

    private static FuryCommand Show(Globals globals)
    {
        var name = Name("Otherwise the one of fury.yaml.", globals, optional: true);
        return new FuryCommand("show", "One application.", "fury app show hello")
            .With(name)
            .Runs(globals, async (call, cancellation) =>
            {
                var application = call.Value(name) is { } named
                    ? Invocation.Checked(check => check.Name<ApplicationName>(named, "name"))
                    : call.Application();
                Write(call, await call.Api.Get(Routes.Application(application), cancellation));
            });
    }

    private static Argument<string?> Name(string description, Globals globals, bool optional)
    {
        var name = new Argument<string?>("name")
        {
            Description = description,
            Arity = optional ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
        };
        name.CompletionSources.Add(context => Names.Applications(context, globals));
        return name;
    }

    private static void Write(Invocation call, Answer answer)
    {
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return;
        }

        var one = answer.Read<Application>();
        TextTable.WriteFacts(
            call.Out,
            ("application", one.Name.Value),
            ("team", one.Team),
            ("criticality", Word.Of(one.Criticality)),
            ("created", Plain.Time(one.CreatedAt)),
            ("revision", Plain.Number(one.Revision)));
    }
}
