using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Webhooks;

/// <summary>What a subscriber reads: an event, and the deployment that it belongs to.</summary>
/// <param name="Id">The same at each attempt.</param>
/// <param name="Thread">The same for all events of a deployment: what belongs together for a person.</param>
/// <param name="Facts">The numbers behind the message.</param>
/// <param name="Link">Where the deployment is to be seen; a path where the platform's public address is not set.</param>
internal sealed record Notice(
    string Id,
    DeploymentId Deployment,
    string Thread,
    ApplicationName Application,
    ScopeName Scope,
    VersionName Version,
    Strategy Strategy,
    long Number,
    DateTimeOffset At,
    DeploymentPhase Phase,
    string Message,
    IReadOnlyDictionary<string, string> Facts,
    string Link);

/// <summary>An attempt at a delivery.</summary>
/// <param name="Attempts">This one counts.</param>
/// <param name="Since">When it was tried for the first time, or replayed.</param>
internal sealed record Delivery(long Id, string Webhook, Uri Url, Secret Secret, int Attempts, DateTimeOffset Since, Notice Notice);

internal enum DeliveryState
{
    Pending,
    Delivered,

    /// <summary>Given up. It is kept, and can be replayed.</summary>
    Dead,
}

/// <summary>A delivery as people see it.</summary>
/// <param name="Number">Of the deployment's event.</param>
/// <param name="Error">What came of the last attempt that failed.</param>
internal sealed record DeliveryView(
    long Id, DeploymentId Deployment, long Number, DeliveryState State, int Attempts, string? Error, DateTimeOffset Since, DateTimeOffset? EndedAt);
