using Fury.Catalog.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Sources;
using Fury.Kernel;

namespace Fury.Deployments.Planning;

/// <summary>Defaults and ranges of policies.</summary>
internal static class Policies
{
    private const int SecondsMax = 86_400;
    private const int HoldMax = 604_800;
    private const int CountMax = 1_000_000_000;
    private const int HeadroomMax = 200;
    private const int ToleratedMax = 10;
    private const int MillisecondsMax = 600_000;

    /// <summary>How long a release that was done on a scope can be gone back to without an experiment.</summary>
    private static readonly TimeSpan ProvenFor = TimeSpan.FromDays(7);

    /// <summary>Strategies that a caller may name; a rollback has a door of its own.</summary>
    private static readonly Dictionary<string, Strategy> Known =
        Enum.GetValues<Strategy>().Where(strategy => strategy != Strategy.Rollback).ToDictionary(Word.Of, StringComparer.Ordinal);

    public static Policy DefaultOf(Strategy strategy)
    {
        var (judge, bake) = strategy switch
        {
            Strategy.BlueGreen => (30, 30),
            Strategy.Canary => (300, 1800),
            Strategy.Safe => (30, 1800),
            Strategy.Migration => (60, 1800),
            _ => (0, 0),
        };
        return new Policy(
            ProvisionSeconds: 600,
            ConvergeSeconds: 30,
            JudgeSeconds: judge,
            BakeSeconds: bake,
            DrainSeconds: 60,
            MaxErrorPercent: 5,
            MinRequests: 20,
            MaxRestarts: 2,
            WhenUnconverged: WhenUnconverged.TurnBack);
    }

    /// <summary>
    /// Back to a release that was done here lately is a matter of capacity: one shift, no experiment. The world may have moved on since an older one: it is
    /// judged and baked as a blue-green deployment is, unless the caller says otherwise.
    /// </summary>
    /// <param name="request">It was found valid.</param>
    public static Policy Back(ProvenRelease target, PolicyRequest? request, DateTimeOffset now, IReadOnlyDictionary<string, SourceKind> sources) =>
        Of(now - target.DoneAt < ProvenFor ? Strategy.Rollback : Strategy.BlueGreen, request, new Validation(), sources);

    /// <summary>A release that must not go back is held when it fails, whatever was asked for.</summary>
    public static Policy For(Release release, Policy policy) => release.ForwardOnly ? policy with { OnFail = OnFail.Hold } : policy;

    /// <summary>The strategy's defaults with what the caller has set. Bad fields are noted in <paramref name="validation"/>.</summary>
    /// <param name="sources">Of metrics, that this host knows.</param>
    public static Policy Of(
        Strategy strategy, PolicyRequest? request, Validation validation, IReadOnlyDictionary<string, SourceKind>? sources = null)
    {
        var usual = DefaultOf(strategy);
        request ??= new PolicyRequest();
        return new Policy(
            Whole(request.ProvisionSeconds, usual.ProvisionSeconds, 1, SecondsMax, "policy.provisionSeconds"),
            Whole(request.ConvergeSeconds, usual.ConvergeSeconds, 1, SecondsMax, "policy.convergeSeconds"),
            Whole(request.JudgeSeconds, usual.JudgeSeconds, 0, SecondsMax, "policy.judgeSeconds"),
            Whole(request.BakeSeconds, usual.BakeSeconds, 0, SecondsMax, "policy.bakeSeconds"),
            Whole(request.DrainSeconds, usual.DrainSeconds, 0, SecondsMax, "policy.drainSeconds"),
            Number(request.MaxErrorPercent, usual.MaxErrorPercent, 0, 100, "policy.maxErrorPercent"),
            Whole(request.MinRequests, usual.MinRequests, 1, CountMax, "policy.minRequests"),
            Whole(request.MaxRestarts, usual.MaxRestarts, 0, CountMax, "policy.maxRestarts"),
            validation.Choice(request.WhenUnconverged, usual.WhenUnconverged, "policy.whenUnconverged"))
        {
            StepDeadlineSeconds = Whole(request.StepDeadlineSeconds, usual.StepDeadlineSeconds, 1, HoldMax, "policy.stepDeadlineSeconds"),
            HoldSeconds = Whole(request.HoldSeconds, usual.HoldSeconds, 1, HoldMax, "policy.holdSeconds"),
            HeadroomPercent = Whole(request.HeadroomPercent, usual.HeadroomPercent, 0, HeadroomMax, "policy.headroomPercent"),
            OnFail = validation.Choice(request.OnFail, usual.OnFail, "policy.onFail"),
            ToleratedRatio = Number(request.ToleratedRatio, usual.ToleratedRatio, 1, ToleratedMax, "policy.toleratedRatio"),
            MaxP99Ms = request.MaxP99Ms is null ? null : Number(request.MaxP99Ms, 0, 1, MillisecondsMax, "policy.maxP99Ms"),
            ExtraLatencyMs = Number(request.ExtraLatencyMs, usual.ExtraLatencyMs, 0, MillisecondsMax, "policy.extraLatencyMs"),
            Metrics = MetricPolicies.Of(request.Metrics ?? [], validation, sources ?? new Dictionary<string, SourceKind>()),
        };

        int Whole(int? given, int otherwise, int least, int most, string field)
        {
            validation.Require(given is null || (given >= least && given <= most), given, $"{least} to {most}", field);
            return given ?? otherwise;
        }

        double Number(double? given, double otherwise, double least, double most, string field)
        {
            validation.Require(given is null || (given >= least && given <= most), given, $"{least} to {most}", field);
            return given ?? otherwise;
        }
    }

    public static Strategy StrategyOf(string? text, Validation validation)
    {
        validation.Require(Known.TryGetValue(text ?? "", out var strategy), text, $"one of {string.Join(", ", Known.Keys)}", "strategy");
        return strategy;
    }
}
