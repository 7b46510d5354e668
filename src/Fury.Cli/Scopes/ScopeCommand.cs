using System.CommandLine;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Cli.Completion;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Cli.Versions;
using Fury.Kernel;

namespace Fury.Cli.Scopes;

internal static class ScopeCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("scope", "Scopes: what is deployed, scaled and routed to.")
        .With(CreateOne(globals), Set(globals), List(globals), Show(globals));

    private static FuryCommand CreateOne(Globals globals)
    {
        var name = new Argument<string?>("NAME") { Description = "environment-role, e.g. production-web." };
        var compute = new Option<string?>("--compute") { Description = "Which engine runs it." }
            .AcceptOnlyFromAmong("standard", "serverless");
        var criticality = new Option<string?>("--criticality") { Description = "How much an outage hurts." }
            .AcceptOnlyFromAmong("low", "medium", "high", "critical");
        var workload = new Option<string?>("--workload") { Description = "What kind of work it does." }
            .AcceptOnlyFromAmong("web", "worker");
        var cpu = new Option<int?>("--cpu") { Description = "Of one replica, in thousandths of a core.", HelpName = "MILLIS" };
        var memory = new Option<int?>("--memory") { Description = "Of one replica.", HelpName = "MIB" };
        var min = new Option<int?>("--min") { Description = "How many replicas at least.", HelpName = "N" };
        var max = new Option<int?>("--max") { Description = "How many replicas at most.", HelpName = "N" };
        var health = new Option<string?>("--health-path") { Description = "Answers 2xx once a replica can serve.", HelpName = "PATH" };
        var variables = new Variables();
        var ifMatch = new Option<string?>("--if-match") { Description = "Change it only if this is its revision.", HelpName = "REVISION" };
        return new FuryCommand(
                "create",
                "Creates a scope, or with --if-match replaces all of its settings; a running release keeps those it was made with.",
                "fury scope create production-web -a hello",
                "fury scope create production-web --min 2 --max 6 --cpu 500 --memory 256",
                "fury scope create test-web --env LOG_LEVEL=debug --health-path /health",
                "fury scope create production-web --max 12 --if-match 3")
            .With(name, compute, criticality, workload, cpu, memory, min, max, health)
            .With(variables.Env, variables.EnvFile, ifMatch, globals.Application)
            .Runs(globals, async (call, cancellation) =>
            {
                var scope = call.Scope(call.Value(name));
                var body = new
                {
                    Compute = call.Value(compute),
                    Criticality = call.Value(criticality),
                    Workload = call.Value(workload),
                    Size = new { CpuMillis = call.Value(cpu), MemoryMiB = call.Value(memory) },
                    MinReplicas = call.Value(min),
                    MaxReplicas = call.Value(max),
                    Environment = variables.Read(call),
                    HealthPath = call.Value(health),
                };
                Write(call, await call.Api.Put(Routes.Scope(scope), body, call.Value(ifMatch), cancellation));
            });
    }

    private static FuryCommand Set(Globals globals)
    {
        var name = Name(globals);
        var scaling = new ScalingOptions();
        return new FuryCommand(
                "set",
                "Changes how a scope's size follows the clock and its requests. It takes effect at once, without a deployment.",
                "fury scope set production-web --schedule \"0 8 * * 1-5 America/Sao_Paulo 4\" --schedule \"0 20 * * 1-5 America/Sao_Paulo 0\"",
                "fury scope set production-web --in-flight-per-replica 20",
                "fury scope set test-web --sleep-after 10m",
                "fury scope set production-web --target cpu=60 --target requests=200 --spot 70 --on-demand 2",
                "fury scope set test-web --schedule none --sleep-after 0")
            .With(name)
            .With(scaling.All)
            .With(globals.Application)
            .Runs(globals, async (call, cancellation) =>
            {
                var path = Routes.Scope(call.Scope(call.Value(name)));
                var one = (await call.Api.Get(path, cancellation)).Read<Scope>();
                var body = ScopeBody.Of(one) with { Scaling = scaling.Read(call, one.Scaling) };
                Write(call, await call.Api.Put(path, body, Plain.Number(one.Revision), cancellation));
            });
    }

    private static FuryCommand List(Globals globals) =>
        new FuryCommand("list", "The application's scopes, by name.", "fury scope list -a hello")
        .With(globals.Application)
        .Lists<Scope>(
            globals,
            call => Routes.Scopes(call.Application()),
            call => $"No scopes yet. Create one: fury scope create production-web -a {call.Application()}",
            ["SCOPE", "COMPUTE", "WORKLOAD", "CRITICALITY", "REPLICAS", "SIZE", "CREATED"],
            one =>
            [
                one.Ref.Scope.Value, Word.Of(one.Compute), Word.Of(one.Workload), Word.Of(one.Criticality),
                Replicas(one), Size(one.Size), Plain.Time(one.CreatedAt),
            ],
            ("HEALTH PATH", one => one.HealthPath),
            ("SCALING", one => ScalingOptions.Line(one.Scaling)),
            ("ENVIRONMENT", one => Variables.Line(one.Environment)),
            ("REVISION", one => Plain.Number(one.Revision)));

    private static FuryCommand Show(Globals globals)
    {
        var name = Name(globals);
        return new FuryCommand(
                "show",
                "The settings of one scope. What it runs now is told by 'fury status'.",
                "fury scope show production-web -a hello")
            .With(name, globals.Application)
            .Runs(globals, async (call, cancellation) =>
                Write(call, await call.Api.Get(Routes.Scope(call.Scope(call.Value(name))), cancellation)));
    }

    private static Argument<string?> Name(Globals globals)
    {
        var name = new Argument<string?>("NAME") { Description = "Otherwise the one of fury.yaml.", Arity = ArgumentArity.ZeroOrOne };
        name.CompletionSources.Add(context => Names.Scopes(context, globals));
        return name;
    }

    private static void Write(Invocation call, Answer answer)
    {
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return;
        }

        var one = answer.Read<Scope>();
        TextTable.WriteFacts(
            call.Out,
            ("scope", one.Ref.ToString()),
            ("compute", Word.Of(one.Compute)),
            ("workload", Word.Of(one.Workload)),
            ("criticality", Word.Of(one.Criticality)),
            ("replicas", Replicas(one)),
            ("scaling", ScalingOptions.Line(one.Scaling)),
            ("size", Size(one.Size)),
            ("health path", one.HealthPath),
            ("environment", Variables.Line(one.Environment)),
            ("created", Plain.Time(one.CreatedAt)),
            ("revision", Plain.Number(one.Revision)));
    }

    private static string Replicas(Scope scope) => $"{scope.MinReplicas} to {scope.MaxReplicas}";

    private static string Size(InstanceSize size) => $"{size.CpuMillis}m {size.MemoryMiB}MiB";
}
