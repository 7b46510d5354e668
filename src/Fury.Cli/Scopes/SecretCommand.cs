using System.CommandLine;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Cli.Completion;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Scopes;

/// <summary>The secrets of a scope: written here, read by its instances, and shown by nobody.</summary>
internal static class SecretCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("secret", "The secrets of a scope, which its instances read and nobody is shown.")
        .With(List(globals), Set(globals), Remove(globals));

    private static FuryCommand List(Globals globals) => new FuryCommand(
            "list", "Its secrets, without their values.", "fury secret list -a hello -s production-web", "fury secret list -o json")
        .With(globals.Application, globals.Scope)
        .Lists<ScopeSecret>(
            globals,
            call => Routes.Secrets(call.Scope()),
            call => $"{call.Scope()} has no secrets. Set one: fury secret set DB_PASSWORD",
            ["SECRET", "VERSION", "CHANGED", "BY"],
            one => [one.Name.Value, Plain.Number(one.Version), Plain.Time(one.ChangedAt), one.ChangedBy]);

    private static FuryCommand Set(Globals globals)
    {
        var (name, value) = (Named(globals), new SecretValue());
        return new FuryCommand(
                "set",
                "Gives a secret its value: of a file, of standard input, or typed without being shown. One line end behind it is not part of it.",
                "fury secret set DB_PASSWORD -a hello -s production-web",
                "fury secret set TLS_KEY -s production-web --from-file tls.key")
            .With(name, value.Argument, value.FromFile, globals.Application, globals.Scope, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                value.RequireNoArgument(call, call.Value(name)!);
                var (secret, scope) = (Read(call, name), call.Scope());
                var text = await value.Read(call, secret, cancellation);
                var answer = await call.Api.Put(Routes.Secret(scope, secret), new { Value = text, call.By }, null, cancellation);
                call.Out.WriteLine(call.Json
                    ? answer.Text
                    : $"Secret {secret} of {scope} is set (version {answer.Read<ScopeSecret>().Version}). Instances have it when they read it next.");
            });
    }

    private static FuryCommand Remove(Globals globals)
    {
        var name = Named(globals);
        return new FuryCommand("remove", "Forgets a secret with its value.", "fury secret remove DB_PASSWORD -a hello -s production-web")
            .With(name, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
            {
                var (secret, scope) = (Read(call, name), call.Scope());
                await call.Api.Delete(Routes.Secret(scope, secret), cancellation);
                call.Out.WriteLine($"Secret {secret} of {scope} is forgotten.");
            });
    }

    private static SecretName Read(Invocation call, Argument<string?> name) => Invocation.Checked(check => check.Name<SecretName>(call.Value(name), "name"));

    private static Argument<string?> Named(Globals globals)
    {
        var name = new Argument<string?>("NAME") { Description = "The name of the secret, e.g. DB_PASSWORD." };
        name.CompletionSources.Add(context => Names.Secrets(context, globals));
        return name;
    }
}
