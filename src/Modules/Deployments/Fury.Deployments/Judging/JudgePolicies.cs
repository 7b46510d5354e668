using Fury.Deployments.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>What the judge goes by, from what a deployment's policy says.</summary>
internal static class JudgePolicies
{
    public static JudgePolicy Of(Policy policy) => new()
    {
        MaxErrorPercent = policy.MaxErrorPercent,
        MinRequests = policy.MinRequests,
        MaxRestarts = policy.MaxRestarts,
    };
}
