using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

/// <summary>What Fury recommends of a deployment.</summary>
internal static class RecommendationCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var deployment = new Argument<string>("DEPLOYMENT") { Description = "Its id." };
        var kind = new Argument<string>("KIND") { Description = "One of those that 'fury status' and 'fury deployment show' tell." }
            .AcceptOnlyFromAmong([.. Word.All<RecommendationKind>()]);
        var key = new Option<string?>("--key") { Description = "An idempotency key: with the same one again nothing is done twice.", HelpName = "KEY" };
        var take = new FuryCommand("take", "Does what is recommended.", "fury recommendation take 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d more-capacity --watch")
            .With(deployment, kind, key, globals.Watch)
            .Runs(globals, async (call, cancellation) =>
            {
                var path = Routes.Take(AskCommand.Id(call.Value(deployment)!), call.Value(kind)!);
                var answer = await call.Api.Post(path, new { }, call.Value(key) ?? FuryApi.NewKey(), cancellation);
                return await Watching.Begun(call, answer, call.Value(globals.Watch), cancellation);
            });
        return new FuryCommand("recommendation", "What would help a deployment that is held, or went back.").With(take);
    }

    /// <summary>Nothing when there are none.</summary>
    public static void Write(TextWriter output, Deployment deployment)
    {
        foreach (var one in deployment.Recommendations)
        {
            output.WriteLine();
            output.WriteLine($"RECOMMENDED ({Word.Of(one.Kind)}): {Plain.Text(one.Sentence)}");
            if (one.Action is not null)
            {
                output.WriteLine($"  fury recommendation take {deployment.Id} {Word.Of(one.Kind)}");
            }
        }
    }
}
