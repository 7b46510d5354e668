using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

internal static class DeploymentCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var deployment = new Argument<string>("DEPLOYMENT") { Description = "Its id, as 'fury deployments' lists them." };
        var show = new FuryCommand(
                "show", "A deployment as it stands, and what is recommended of it.", "fury deployment show 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d")
            .With(deployment)
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Get(Routes.Deployment(AskCommand.Id(call.Value(deployment)!)), cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                }
                else
                {
                    Write(call.Out, answer.Read<Deployment>());
                }
            });
        return new FuryCommand("deployment", "One deployment.").With(show);
    }

    private static void Write(TextWriter output, Deployment one)
    {
        TextTable.WriteFacts(
            output,
            ("deployment", one.Id.ToString()),
            ("scope", one.Scope.ToString()),
            ("version", $"{one.Version} (release {one.To})"),
            ("strategy", Word.Of(one.Strategy)),
            ("step", one.Steps.Count > 0 ? $"{one.Step + 1} of {one.Steps.Count}" : null),
            ("phase", Word.Of(one.Phase)),
            ("reason", one.Reason),
            ("created", Plain.Time(one.CreatedAt)),
            ("deadline", one.Deadline is { } deadline ? Plain.Time(deadline) : null),
            ("ended", one.EndedAt is { } end ? Plain.Time(end) : null));
        if (one.Lanes.Count > 0)
        {
            output.WriteLine();
            var lanes = new TextTable("LOCATION", "SHARE", "WEIGHT", "CURRENT", "CANDIDATE");
            foreach (var lane in one.Lanes)
            {
                lanes.Row(
                    lane.Location, $"{lane.Share:0.##} %", $"{lane.Weight:0.##} %{(lane.IsBarred ? " (failed here)" : "")}", lane.Current?.ToString(),
                    lane.Candidate?.ToString());
            }

            lanes.Write(output);
        }

        RecommendationCommand.Write(output, one);
    }
}
