using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Deployments.Contracts;

namespace Fury.Cli.Deployments;

internal static class EventsCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var deployment = new Argument<string>("DEPLOYMENT") { Description = "Its id, as 'fury deployments' lists them." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay until it has ended; the exit code tells how." };
        return new FuryCommand(
                "events",
                "The history of a deployment.",
                "fury events 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d",
                "fury events 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d --follow -o json")
            .With(deployment, follow)
            .Runs(globals, async (call, cancellation) =>
            {
                var id = AskCommand.Id(call.Value(deployment)!);
                if (call.Value(follow))
                {
                    return await Watching.Until(call, id, cancellation);
                }

                var answer = await call.Api.Get(Routes.Events(id), cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                    return ExitCode.Ok;
                }

                foreach (var news in answer.Read<IReadOnlyList<DeploymentEvent>>())
                {
                    call.Out.WriteLine(Watching.Line(news));
                }

                return ExitCode.Ok;
            });
    }
}
