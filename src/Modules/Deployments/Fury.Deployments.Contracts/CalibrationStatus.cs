using Fury.Kernel;

namespace Fury.Deployments.Contracts;

/// <summary>How often the judge has failed stable pools against themselves: false alarms, all of them.</summary>
/// <param name="Nights">Over how many nights, up to the last one.</param>
/// <param name="Splits">How many pools were split, each of another deployment.</param>
/// <param name="Rate">Of the splits, 0 to 1; null when there was none.</param>
/// <param name="Promised">What the rate is to be at most.</param>
/// <param name="IsAlarming">It is higher, and that is no chance.</param>
/// <param name="Sentence">All of that in one sentence.</param>
/// <param name="LastFailed">The last that failed, newest first.</param>
public sealed record CalibrationStatus(
    int Nights, int Splits, int Failed, double? Rate, double Promised, bool IsAlarming, string Sentence, IReadOnlyList<FailedSplit> LastFailed);

/// <param name="Seed">Of the split: it comes out again with the same.</param>
/// <param name="Sentence">What the judge held against one half.</param>
public sealed record FailedSplit(DeploymentId Deployment, DateOnly Night, int Seed, string Sentence);
