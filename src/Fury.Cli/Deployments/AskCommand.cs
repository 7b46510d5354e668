using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

/// <summary>What is asked of a deployment in progress.</summary>
internal static class AskCommand
{
    public static IEnumerable<FuryCommand> All(Globals globals) =>
    [
        Create(
            globals,
            "abort",
            "Turns a deployment back, whatever it is at.",
            "fury abort -s production-web --reason \"wrong ticket\" --watch",
            "fury abort 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d"),
        Create(globals, "hold", "Keeps the weights of a deployment as they are.", "fury hold -s production-web --reason \"I look at the logs\""),
        Create(globals, "resume", "Goes on with a deployment that is held.", "fury resume -s production-web"),
        Create(globals, "promote", "Leaves the step of a deployment, whatever its gate says.", "fury promote -s production-web --reason \"looks good\""),
        Create(globals, "promote-full", "Goes to the last step of a deployment.", "fury promote-full -s production-web --watch"),
        Create(globals, "retry-step", "Begins the step that a deployment is in again.", "fury retry-step -s production-web"),
        Create(globals, "retry-all", "Begins all steps of a deployment again.", "fury retry-all -s production-web"),
        Create(globals, "finalise", "Ends a migration: what it has left is taken down.", "fury finalise -s production-web --watch"),
    ];

    private static FuryCommand Create(Globals globals, string name, string what, params string[] examples)
    {
        var deployment = new Argument<string?>("DEPLOYMENT")
        {
            Description = "Otherwise the one in progress on the scope.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var reason = new Option<string?>("--reason") { Description = "Why, for the record.", HelpName = "TEXT" };
        return new FuryCommand(name, what, examples)
            .With(deployment, reason, globals.Application, globals.Scope, globals.Watch)
            .Runs(globals, async (call, cancellation) =>
            {
                var id = call.Value(deployment) is { } text ? Id(text) : await InProgress(call, cancellation);
                var answer = await call.Api.Post(Routes.Ask(id, name), new { Reason = call.Value(reason) }, FuryApi.NewKey(), cancellation);
                return await Watching.Begun(call, answer, call.Value(globals.Watch), cancellation);
            });
    }

    public static DeploymentId Id(string text) => Guid.TryParse(text, out var id)
        ? DeploymentId.From(id)
        : throw CommandFailure.Usage($"DEPLOYMENT must be the id of a deployment, as 'fury deployments' lists them, not '{text}'.");

    private static async Task<DeploymentId> InProgress(Invocation call, CancellationToken cancellation)
    {
        var scope = call.Scope();
        var status = (await call.Api.Get(Routes.Status(scope), cancellation)).Read<ScopeStatus>();
        return status.InProgress?.Id ?? throw new CommandFailure(ExitCode.Failed, $"No deployment is in progress on {scope}.");
    }
}
