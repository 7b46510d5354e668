using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

internal static class RollbackCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var to = new Option<string?>("--to")
        {
            Description = "A release that was done on this scope. Otherwise the one before the current.",
            HelpName = "RELEASE",
        };
        var admission = new Admission();
        return new FuryCommand(
                "rollback",
                "Brings an earlier release back, with its configuration and size, without an experiment.",
                "fury rollback -s production-web --watch",
                "fury rollback -a hello -s production-web --to 9f2c51b07ad3e8c4")
            .With(to)
            .With(admission.Options)
            .With(globals.Application, globals.Scope, globals.By, globals.Watch)
            .Runs(globals, async (call, cancellation) =>
            {
                var scope = call.Scope();
                var release = call.Value(to) is { } text ? Invocation.Checked(check => check.Name<ReleaseId>(text, "--to")).Value : null;
                var wish = new RollbackRequest(release, admission.Policy(call), admission.WhenBusy(call)) { By = call.By };
                var answer = await call.Api.Post(Routes.Rollback(scope), wish, admission.Key(call), cancellation);
                return await Watching.Begun(call, answer, call.Value(globals.Watch), cancellation);
            });
    }
}
