using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

internal static class WhyCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var deployment = new Argument<string?>("DEPLOYMENT")
        {
            Description = "Otherwise the scope's newest one.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return new FuryCommand(
                "why",
                "Why a deployment is where it is, or ended as it did: its reason, what the judge says, and what would help.",
                "fury why -a hello -s production-web",
                "fury why 01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d")
            .With(deployment, globals.Application, globals.Scope)
            .Runs(globals, async (call, cancellation) =>
            {
                var id = call.Value(deployment) is { } text ? AskCommand.Id(text) : await Newest(call, cancellation);
                var answer = await call.Api.Get(Routes.Deployment(id), cancellation);
                var judged = await call.Api.Find(Routes.Judgement(id), cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(answer.Text);
                    call.Out.WriteLine(judged?.Text ?? "null");
                    return;
                }

                Write(call.Out, answer.Read<Deployment>(), judged?.Read<JudgementStatus>());
            });
    }

    private static void Write(TextWriter output, Deployment one, JudgementStatus? judged)
    {
        output.WriteLine($"{one.Scope}: {one.Version} by {Word.Of(one.Strategy)} is {Word.Of(one.Phase)}. {Plain.Text(one.Reason ?? "")}".TrimEnd());
        output.WriteLine(judged is null ? "It was not judged." : $"The judge: {judged.Verdict} ({judged.Cause}). {Plain.Text(judged.Sentence)}");
        RecommendationCommand.Write(output, one);
    }

    private static async Task<DeploymentId> Newest(Invocation call, CancellationToken cancellation)
    {
        var scope = call.Scope();
        var page = (await call.Api.Get(Routes.With(Routes.Deployments(scope), ["limit=1"]), cancellation)).Read<Page<Deployment>>();
        return page.Items.Count > 0 ? page.Items[0].Id : throw new CommandFailure(ExitCode.Failed, $"Nothing was ever deployed to {scope}.");
    }
}
