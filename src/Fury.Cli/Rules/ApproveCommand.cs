using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Deployments;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Rules;

internal static class ApproveCommand
{
    public static FuryCommand Approve(Globals globals) => Say(
        globals, "approve", "Approves a deployment that another person has asked for, before it begins or while it is on its way.", Routes.Approve);

    public static FuryCommand Reject(Globals globals) => Say(
        globals, "reject", "Rejects a deployment that waits for approval, which aborts it.", Routes.Reject);

    private static FuryCommand Say(Globals globals, string verb, string description, Func<DeploymentId, string> path)
    {
        var deployment = new Argument<string>("DEPLOYMENT") { Description = "Its id, as 'fury deployments' lists it." };
        var comment = new Option<string?>("--comment") { Description = "For the record.", HelpName = "TEXT" };
        return new FuryCommand(verb, description, $"fury {verb} 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d --comment \"seen\"")
            .With(deployment, comment, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var id = AskCommand.Id(call.Value(deployment)!);
                var answer = await call.Api.Post(path(id), new { call.By, Comment = call.Value(comment) }, null, cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                    return;
                }

                var (begin, finalise) = answer.Read<ApprovalsRecord>();
                TextTable.WriteFacts(call.Out, ("to begin", Of(begin)), ("to finalise", Of(finalise)));
            });
    }

    private static string Of(ApprovalStandingRecord standing) =>
        standing.RejectedBy is { } by ? $"rejected by {by}" : $"{standing.Given} of {standing.Needed} approvals";
}
