using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Quickstart;

/// <summary>Deploys what the story tells of, and tells each step as it happens.</summary>
internal sealed class Deployer(FuryApi api, StoryLog log, TimeProvider clock)
{
    // Short enough that the whole takes well under a minute, long enough for a verdict on evidence.
    private static readonly PolicyRequest AllInPolicy = new(ProvisionSeconds: 60, ConvergeSeconds: 15, DrainSeconds: 10);
    private static readonly PolicyRequest BlueGreenPolicy = AllInPolicy with { JudgeSeconds = 5, BakeSeconds = 3 };

    /// <summary>Until the deployment has ended, however that is.</summary>
    public async Task<Chapter> Deploy(ScopeRef scope, string version, Strategy strategy, CancellationToken cancellation)
    {
        var policy = strategy == Strategy.AllIn ? AllInPolicy : BlueGreenPolicy;
        var wish = new DeploymentRequest(version, Word.Of(strategy), policy, WhenBusy: "replace");
        var answer = await api.Post(Routes.Deployments(scope), wish, FuryApi.NewKey(), cancellation);
        var deployment = answer.Read<Deployment>();
        var events = new List<DeploymentEvent>();
        await foreach (var news in new EventStream(api, clock).Follow(deployment.Id, cancellation))
        {
            events.Add(news);
            log.Add($"{scope.Scope} {version} {Word.Of(news.Phase)}: {news.Message}", news.Phase);
        }

        return events.Count > 0
            ? new Chapter(version, strategy, events[^1].Phase, events)
            : throw new CommandFailure(ExitCode.Failed, $"Deployment {deployment.Id} has no history.");
    }
}
