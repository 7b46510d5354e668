using Fury.Deployments.Judging;

namespace Fury.Deployments.Planning;

/// <summary>What a scope meets now, before a deployment.</summary>
/// <param name="RequestsPerSecond">To the whole scope.</param>
/// <param name="ErrorShare">Of these, 0 to 1.</param>
/// <param name="Phi">How clumped errors are, at least 1.</param>
internal sealed record PresentTraffic(double RequestsPerSecond, double ErrorShare, double Phi)
{
    public static PresentTraffic None { get; } = new(0, 0, 1);

    /// <summary>What a step of some lanes has for evidence: only their part of the requests is.</summary>
    public Conditions At(decimal weight, IEnumerable<Lane> lanes) =>
        new(RequestsPerSecond * (double)lanes.Sum(lane => lane.Share) / 100, (double)weight / 100, ErrorShare, Phi);
}
