namespace Fury.Deployments.Contracts;

/// <summary>What may be recommended when a deployment is held by what the judge says, or goes back.</summary>
public enum RecommendationKind
{
    /// <summary>The candidate fails where it has no processor left: give it more replicas.</summary>
    MoreCapacity,

    /// <summary>Replicas die for want of memory: give the scope more.</summary>
    MoreMemory,

    /// <summary>Most of what speaks against the candidate comes from one replica: put another in its place.</summary>
    ReplaceReplica,

    /// <summary>There is too little evidence at this weight, and enough at the next.</summary>
    LargerWeight,

    /// <summary>There is too little evidence in this time, and enough in a longer one.</summary>
    LongerStep,

    /// <summary>It is worse by so little that somebody may want to pay for it.</summary>
    AcceptCost,

    /// <summary>It is not worth it: back.</summary>
    TakeBack,

    /// <summary>It fails at some locations: leave it at that there, and go on at the others.</summary>
    GoOnElsewhere,

    /// <summary>A scope that this one calls is being deployed to: hold that deployment, and see.</summary>
    HoldDependency,
}

/// <summary>What is done when a recommendation is taken.</summary>
public enum RecommendedAction
{
    /// <summary>The candidate gets more replicas from now on, and the step begins again.</summary>
    RaiseFloor,

    /// <summary>Another replica is started in the place of the sick one, and the step begins again.</summary>
    ReplaceReplica,

    /// <summary>The step goes on with a later deadline; what was seen counts.</summary>
    LengthenStep,

    /// <summary>As the command.</summary>
    Promote,

    /// <summary>As the command.</summary>
    Abort,

    /// <summary>What serves the failing locations stays there, and the step begins again at the others.</summary>
    GiveUp,

    /// <summary>As the command hold, for the deployment that the recommendation names.</summary>
    HoldDependency,
}

/// <summary>Something to do that would help.</summary>
/// <param name="Sentence">What was seen, and what is recommended.</param>
/// <param name="Numbers">What it rests on.</param>
/// <param name="Action">What taking it does; null when Fury cannot do it, and the sentence says who can.</param>
public sealed record Recommendation(
    RecommendationKind Kind, string Sentence, IReadOnlyDictionary<string, string> Numbers, RecommendedAction? Action);
