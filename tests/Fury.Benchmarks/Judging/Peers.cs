using Fury.Deployments.Judging;

namespace Fury.Benchmarks.Judging;

/// <summary>A judge as others have it, in the same harness. It is shown the candidate alone, which is more than the queries of their samples do.</summary>
internal interface IPeer
{
    /// <summary>Whether the candidate is taken back after this tick.</summary>
    bool Fails(Tick tick);
}

/// <summary>A share of successes that is measured over a window, and may be too low so many times.</summary>
internal sealed class ThresholdJudge(double success, TimeSpan window, int failuresMax) : IPeer
{
    private TimeSpan _measured;
    private long _requests;
    private long _errors;
    private int _failures;

    /// <summary>The analysis template of Argo Rollouts' documentation.</summary>
    public static ThresholdJudge Argo() => new(0.95, TimeSpan.FromMinutes(5), 3);

    /// <summary>The sample of Flagger's documentation.</summary>
    public static ThresholdJudge Flagger() => new(0.99, TimeSpan.FromMinutes(1), 10);

    public bool Fails(Tick tick)
    {
        _measured += tick.Span;
        _requests += tick.Lanes[0].Candidate.Requests;
        _errors += tick.Lanes[0].Candidate.Errors;
        if (_measured >= window)
        {
            _failures += _requests > 0 && 1 - ((double)_errors / _requests) < success ? 1 : 0;
            (_measured, _requests, _errors) = (TimeSpan.Zero, 0, 0);
        }

        return _failures >= failuresMax;
    }
}

/// <summary>The comparison that one would write first: bets as the judge makes them, as if every error came by itself and from anywhere.</summary>
internal sealed class NaiveEvidence : IPeer
{
    private static readonly double[] Ratios = [1.5, 2, 3, 5, 8, 15, 30, 100];

    private readonly double[] _odds = new double[Ratios.Length];

    public bool Fails(Tick tick)
    {
        var (candidate, current) = (tick.Lanes[0].Candidate, tick.Lanes[0].Current!);
        if (candidate.Requests == 0 || current.Requests == 0)
        {
            return false;
        }

        var share = (double)candidate.Requests / (candidate.Requests + current.Requests);
        for (var each = 0; each < Ratios.Length; each++)
        {
            _odds[each] += Bets.Odds(candidate.Errors, candidate.Errors + current.Errors, share, 1.2, Ratios[each]);
        }

        return Evidence.Of(_odds) >= Math.Log(1000);
    }
}
