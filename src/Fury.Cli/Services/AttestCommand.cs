using System.CommandLine;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Services;

internal static class AttestCommand
{
    public static Option<bool> Before() => new("--attest")
    {
        Description = "Probes the resource first, and binds it only when it answers; instances are told what it can really do.",
    };

    public static FuryCommand Create(Globals globals)
    {
        var (kind, name) = (ServiceCommand.Kind(), ServiceCommand.Name());
        return new FuryCommand(
                "attest",
                "Probes what is bound to a service, and shows what it can really do. Later bindings and new instances go by it.",
                "fury service attest key-value carts -a shop -s production-web")
            .With(kind, name, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
            {
                var service = ServiceCommand.Read(call, kind, name);
                await Ask(call, call.Scope(), service, new { }, cancellation);
            });
    }

    /// <summary>Asks the host for a probe, and shows what it has found.</summary>
    /// <param name="wish">With a route, or without: then it is the one that is bound.</param>
    /// <exception cref="CommandFailure">The resource does not answer, or the host cannot reach such a one.</exception>
    public static async Task Ask(Invocation call, ScopeRef scope, (string Kind, string Name) service, object wish, CancellationToken cancellation)
    {
        var answer = await call.Api.Post(Routes.Attestation(scope, service.Kind, service.Name), wish, null, cancellation);
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return;
        }

        var attested = answer.Read<Attestation>();
        var table = new TextTable("CAPABILITY", "LEVEL", "BY");
        foreach (var (capability, level) in attested.Capabilities.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            table.Row(capability, level, attested.Shown.Contains(capability) ? "probe" : "its driver's word");
        }

        foreach (var capability in attested.Refuted)
        {
            table.Row(capability, "none", "probe, against its driver's word");
        }

        table.Write(call.Out);
    }
}
