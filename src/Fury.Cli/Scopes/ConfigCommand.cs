using System.CommandLine;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Cli.Versions;
using Fury.Kernel;

namespace Fury.Cli.Scopes;

/// <summary>The variables of a scope. What runs keeps those it was started with until the scope is deployed to.</summary>
internal static class ConfigCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("config", "The variables of a scope, which are configuration and no secrets.")
        .With(List(globals), Set(globals), Unset(globals));

    private static FuryCommand List(Globals globals) => new FuryCommand(
            "list", "Its variables.", "fury config list -a hello -s production-web", "fury config list -o json")
        .With(globals.Application, globals.Scope)
        .Runs(globals, async (call, cancellation) =>
            Write(call, await call.Api.Get(Routes.Scope(call.Scope()), cancellation)));

    private static FuryCommand Set(Globals globals)
    {
        var variables = new Variables();
        var pairs = new Argument<string[]>("NAME=VALUE") { Description = "Each variable.", Arity = ArgumentArity.ZeroOrMore };
        return new FuryCommand(
                "set",
                "Adds and changes variables; the others stay.",
                "fury config set LOG_LEVEL=debug -a hello -s production-web",
                "fury config set --env-file production.env -s production-web")
            .With(pairs, variables.EnvFile, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
            {
                var given = variables.Read(call, call.Value(pairs) ?? [], "each variable")
                    ?? throw CommandFailure.Usage("Which variables? Give them as NAME=VALUE, or in a file with --env-file.");
                Write(call, await Change(call, before => new(before.Where(one => !given.ContainsKey(one.Key)).Concat(given)), cancellation));
                Hint(call);
            });
    }

    private static FuryCommand Unset(Globals globals)
    {
        var names = new Argument<string[]>("NAME") { Description = "Each variable.", Arity = ArgumentArity.OneOrMore };
        return new FuryCommand("unset", "Takes variables away.", "fury config unset LOG_LEVEL -a hello -s production-web")
            .With(names, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
            {
                var gone = call.Value(names)!;
                Write(call, await Change(call, before => before.Where(one => !gone.Contains(one.Key)).ToDictionary(), cancellation));
                Hint(call);
            });
    }

    private static async Task<Answer> Change(
        Invocation call, Func<IReadOnlyDictionary<string, string>, Dictionary<string, string>> change, CancellationToken cancellation)
    {
        var path = Routes.Scope(call.Scope());
        var one = (await call.Api.Get(path, cancellation)).Read<Scope>();
        return await call.Api.Put(path, ScopeBody.Of(one) with { Environment = change(one.Environment) }, Plain.Number(one.Revision), cancellation);
    }

    private static void Hint(Invocation call)
    {
        if (!call.Json)
        {
            var scope = call.Scope();
            call.Out.WriteLine($"What runs has them from its next deployment on: fury deploy --configuration -a {scope.Application} -s {scope.Scope}");
        }
    }

    private static void Write(Invocation call, Answer answer)
    {
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return;
        }

        var one = answer.Read<Scope>();
        if (one.Environment.Count == 0)
        {
            call.Out.WriteLine($"{one.Ref} has no variables.");
            return;
        }

        var sorted = one.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal);
        TextTable.WriteFacts(call.Out, [.. sorted.Select(variable => (variable.Key, (string?)variable.Value))]);
    }
}

/// <summary>All of a scope's settings, as a change of one of them must say them.</summary>
internal sealed record ScopeBody(
    ComputeKind Compute,
    Criticality Criticality,
    WorkloadType Workload,
    InstanceSize Size,
    int MinReplicas,
    int MaxReplicas,
    IReadOnlyDictionary<string, string> Environment,
    string HealthPath,
    ScalingPolicy? Scaling)
{
    public static ScopeBody Of(Scope one) => new(
        one.Compute, one.Criticality, one.Workload, one.Size, one.MinReplicas, one.MaxReplicas, one.Environment, one.HealthPath, one.Scaling);
}
