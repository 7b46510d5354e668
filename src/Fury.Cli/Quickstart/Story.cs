using Fury.Cli.Http;
using Fury.Cli.Load;
using Fury.Cli.Output;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Quickstart;

/// <summary>One deployment of the story, as it went.</summary>
/// <param name="Events">From the first to the last, for the time of each phase.</param>
/// <param name="To">Where it went to, where that is told.</param>
internal sealed record Chapter(
    string Version, Strategy Strategy, DeploymentPhase Outcome, IReadOnlyList<DeploymentEvent> Events, ComputeKind? To = null)
{
    public string Name => To is null ? Version : $"{Version} to {Word.Of(To.Value)}";

    public DateTimeOffset Began => Events[0].At;

    public DateTimeOffset Ended => Events[^1].At;

    public double Seconds => Math.Round((Ended - Began).TotalSeconds, 2);

    /// <summary>How long it was in each phase, in the order of the phases.</summary>
    public IEnumerable<(DeploymentPhase Phase, TimeSpan Span)> Phases => Events.Zip(Events.Skip(1))
        .GroupBy(pair => pair.First.Phase)
        .Select(phase => (phase.Key, new TimeSpan(phase.Sum(pair => (pair.Second.At - pair.First.At).Ticks))));
}

/// <summary>How the story went.</summary>
/// <param name="Failed">Requests that got no answer or a 5xx, but for those that the bad version itself answered.</param>
/// <param name="FailedWhileMoving">Of these, while the good version replaced the one before.</param>
/// <param name="Wrong">Where it went otherwise than told; empty when all is well.</param>
internal sealed record StoryEnd(
    LoadReport Traffic, long Failed, long FailedWhileMoving, IReadOnlyList<Chapter> Chapters, IReadOnlyList<string> Wrong)
{
    /// <summary>What was switched behind a service, in order; empty where that part was left out.</summary>
    public IReadOnlyList<SwitchSeen> Switches { get; init; } = [];
}

/// <summary>
/// A first version all at once; then, while requests flow, a better one by blue-green without a lost request, and a bad one that goes back. Then, where
/// there is a cluster, the better one moves into it and back out. At the end, what stands behind another application's store is switched.
/// </summary>
/// <param name="kubeconfig">The cluster's access document; null for none.</param>
/// <param name="shop">The last part; null for none.</param>
internal sealed class Story(FuryApi api, Sample sample, double rate, string? kubeconfig, ShopStory? shop, StoryLog log, TimeProvider clock)
{
    private const int Connections = 32;
    private static readonly TimeSpan TrafficMax = TimeSpan.FromMinutes(15);

    /// <summary>Before, between and after the deployments, so that each version is seen to serve.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Requests until now; null before they flow.</summary>
    public LoadGenerator? Traffic { get; private set; }

    public async Task<StoryEnd> Run(CancellationToken cancellation)
    {
        log.Add($"application {Sample.Application}, scopes {Sample.Production.Scope} and {Sample.Test.Scope}, three versions");
        await sample.Ensure(cancellation);
        await sample.Move(Sample.Production, ComputeKind.Standard, cancellation);
        var test = Deploy(Sample.Test, Sample.Good, Strategy.AllIn, cancellation);
        var chapters = new List<Chapter> { await Deploy(Sample.Production, Sample.Good, Strategy.AllIn, cancellation) };
        var besides = await test;

        var status = (await api.Get(Routes.Status(Sample.Production), cancellation)).Read<ScopeStatus>();
        Traffic = new LoadGenerator(new LoadPlan(status.Address) { Rate = rate, Connections = Connections, Duration = TrafficMax }, clock);
        log.Add($"{Plain.Number(rate)} requests a second to {status.Address}");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var flowing = Traffic.Run(enough.Token);
        try
        {
            await Task.Delay(Pause, clock, cancellation);
            chapters.Add(await Deploy(Sample.Production, Sample.Better, Strategy.BlueGreen, cancellation));
            await Task.Delay(Pause, clock, cancellation);
            chapters.Add(await Deploy(Sample.Production, Sample.Bad, Strategy.BlueGreen, cancellation));
            await Task.Delay(Pause, clock, cancellation);
            if (kubeconfig is not null)
            {
                log.Add("the same version moves into a cluster, and back");
                await sample.EnsureCluster(kubeconfig, clock, cancellation);
                chapters.Add(await Move(ComputeKind.Serverless, cancellation));
                await Task.Delay(Pause, clock, cancellation);
                chapters.Add(await Move(ComputeKind.Standard, cancellation));
                await Task.Delay(Pause, clock, cancellation);
            }
        }
        finally
        {
            await enough.CancelAsync();
            await flowing;
        }

        var end = Judged(await flowing, besides, chapters);
        return shop is null || await shop.Run(cancellation) is not { } switched
            ? end
            : end with { Switches = switched.Switches, Wrong = [.. end.Wrong, .. switched.Wrong] };
    }

    internal static StoryEnd Judged(LoadReport traffic, Chapter test, IReadOnlyList<Chapter> chapters)
    {
        var failed = traffic.FailedNotBy(Sample.Bad);
        var moving = chapters.FirstOrDefault(chapter => chapter.Version == Sample.Better);
        var failedWhileMoving = moving is null ? 0 : traffic.Failures.LongCount(failure =>
            !failure.AnsweredBy(Sample.Bad) && failure.EndedAt >= moving.Began && failure.SentAt <= moving.Ended);
        var wrong = new List<string>();
        var first = traffic.Failures.Where(failure => !failure.AnsweredBy(Sample.Bad)).Select(Said).FirstOrDefault();
        Expect(failed == 0, $"{failed} requests failed, the first at {first}");
        Expect(
            test.Outcome == DeploymentPhase.Done,
            $"{test.Version} to {Sample.Test.Scope} ended as {Word.Of(test.Outcome)}: {test.Events[^1].Message}");
        foreach (var chapter in chapters)
        {
            var told = chapter.Version == Sample.Bad ? DeploymentPhase.RolledBack : DeploymentPhase.Done;
            Expect(
                chapter.Outcome == told,
                $"{chapter.Name} ended as {Word.Of(chapter.Outcome)}, not as {Word.Of(told)}: {chapter.Events[^1].Message}");
        }

        foreach (var version in chapters.Select(chapter => chapter.Version).Distinct())
        {
            Expect(traffic.ByVersion.GetValueOrDefault(version) > 0, $"no request was answered by {version}");
        }

        return new StoryEnd(traffic, failed, failedWhileMoving, chapters, wrong);

        void Expect(bool asTold, string otherwise)
        {
            if (!asTold)
            {
                wrong.Add(otherwise);
            }
        }

        static string Said(LoadFailure failure) => $"{Plain.Clock(failure.SentAt)}: {failure.Reason}";
    }

    private async Task<Chapter> Move(ComputeKind compute, CancellationToken cancellation)
    {
        await sample.Move(Sample.Production, compute, cancellation);
        return (await Deploy(Sample.Production, Sample.Better, Strategy.BlueGreen, cancellation)) with { To = compute };
    }

    private Task<Chapter> Deploy(ScopeRef scope, string version, Strategy strategy, CancellationToken cancellation) =>
        new Deployer(api, log, clock).Deploy(scope, version, strategy, cancellation);
}
