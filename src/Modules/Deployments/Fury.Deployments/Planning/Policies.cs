using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Planning;

/// <summary>Defaults and ranges of policies.</summary>
internal static class Policies
{
    private const int SecondsMax = 86_400;
    private const int CountMax = 1_000_000_000;

    public static IReadOnlyDictionary<string, Strategy> Known { get; } = new Dictionary<string, Strategy>(StringComparer.Ordinal)
    {
        ["all-in"] = Strategy.AllIn,
        ["blue-green"] = Strategy.BlueGreen,
    };

    private static readonly Dictionary<string, WhenUnconverged> WhensUnconverged = new(StringComparer.Ordinal)
    {
        ["turn-back"] = WhenUnconverged.TurnBack,
        ["wait"] = WhenUnconverged.Wait,
        ["go-on"] = WhenUnconverged.GoOn,
    };

    public static Policy DefaultOf(Strategy strategy)
    {
        var judged = strategy == Strategy.BlueGreen;
        return new Policy(
            ProvisionSeconds: 600,
            ConvergeSeconds: 30,
            JudgeSeconds: judged ? 30 : 0,
            BakeSeconds: judged ? 30 : 0,
            DrainSeconds: 60,
            MaxErrorPercent: 5,
            MinRequests: 20,
            MaxRestarts: 2,
            WhenUnconverged: WhenUnconverged.TurnBack);
    }

    /// <summary>The strategy's defaults with what the caller has set. Bad fields are noted in <paramref name="validation"/>.</summary>
    public static Policy Of(Strategy strategy, PolicyRequest? request, Validation validation)
    {
        var usual = DefaultOf(strategy);
        request ??= new PolicyRequest();
        return new Policy(
            Whole(request.ProvisionSeconds, usual.ProvisionSeconds, 1, SecondsMax, "policy.provisionSeconds"),
            Whole(request.ConvergeSeconds, usual.ConvergeSeconds, 1, SecondsMax, "policy.convergeSeconds"),
            Whole(request.JudgeSeconds, usual.JudgeSeconds, 0, SecondsMax, "policy.judgeSeconds"),
            Whole(request.BakeSeconds, usual.BakeSeconds, 0, SecondsMax, "policy.bakeSeconds"),
            Whole(request.DrainSeconds, usual.DrainSeconds, 0, SecondsMax, "policy.drainSeconds"),
            Percent(request.MaxErrorPercent, usual.MaxErrorPercent),
            Whole(request.MinRequests, usual.MinRequests, 1, CountMax, "policy.minRequests"),
            Whole(request.MaxRestarts, usual.MaxRestarts, 0, CountMax, "policy.maxRestarts"),
            Choice(request.WhenUnconverged, usual.WhenUnconverged));

        int Whole(int? given, int otherwise, int least, int most, string field)
        {
            validation.Require(given is null || (given >= least && given <= most), given, $"{least} to {most}", field);
            return given ?? otherwise;
        }

        double Percent(double? given, double otherwise)
        {
            validation.Require(given is null or (>= 0 and <= 100), given, "0 to 100", "policy.maxErrorPercent");
            return given ?? otherwise;
        }

        WhenUnconverged Choice(string? given, WhenUnconverged otherwise)
        {
            var known = WhensUnconverged.TryGetValue(given ?? "", out var choice);
            validation.Require(given is null || known, given, $"one of {string.Join(", ", WhensUnconverged.Keys)}", "policy.whenUnconverged");
            return known ? choice : otherwise;
        }
    }

    public static Strategy StrategyOf(string? text, Validation validation)
    {
        validation.Require(Known.TryGetValue(text ?? "", out var strategy), text, $"one of {string.Join(", ", Known.Keys)}", "strategy");
        return strategy;
    }

    public static WhenBusy WhenBusyOf(string? text, Validation validation)
    {
        validation.Require(text is null or "refuse" or "replace", text, "one of refuse, replace", "whenBusy");
        return text == "replace" ? WhenBusy.Replace : WhenBusy.Refuse;
    }
}
