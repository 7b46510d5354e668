using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Webhooks;

/// <summary>What a subscriber reads.</summary>
internal interface INotice
{
    /// <summary>When it happened.</summary>
    DateTimeOffset At { get; }
}

/// <summary>An event, and the deployment that it belongs to.</summary>
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
    string Link) : INotice;

/// <summary>A test message, which is about no deployment.</summary>
/// <param name="Id">The same at each attempt.</param>
/// <param name="Type"><c>webhook.test</c>; events of deployments have none.</param>
/// <param name="At">When it was asked for.</param>
internal sealed record TestNotice(string Id, string Type, string Webhook, DateTimeOffset At, string By, string Message) : INotice
{
    public static TestNotice Of(string id, string webhook, DateTimeOffset at, string by) =>
        new(id, "webhook.test", webhook, at, by, $"A test message for webhook {webhook}, which {by} has asked for.");
}

/// <summary>An attempt at a delivery.</summary>
/// <param name="Attempts">This one counts.</param>
/// <param name="Since">When it was tried for the first time, or replayed.</param>
/// <param name="Deployment">Whose lane it is of; a test message has one of its own.</param>
internal sealed record Delivery(
    long Id, string Webhook, Uri Url, Secret Secret, int Attempts, DateTimeOffset Since, DeploymentId Deployment, INotice Notice);

internal enum DeliveryState
{
    Pending,
    Delivered,

    /// <summary>Given up. It is kept, and can be replayed.</summary>
    Dead,
}

/// <summary>A delivery as people see it.</summary>
/// <param name="Deployment">Null: it is a test message.</param>
/// <param name="Number">Of the deployment's event; 1 of a test message.</param>
/// <param name="Error">What came of the last attempt that failed.</param>
/// <param name="AskedBy">Of a test message: who has asked for it. Null: it is an event.</param>
internal sealed record DeliveryView(
    long Id, DeploymentId? Deployment, long Number, DeliveryState State, int Attempts, string? Error, DateTimeOffset Since, DateTimeOffset? EndedAt,
    string? AskedBy)
{
    /// <summary>The deployment, or what stands for one.</summary>
    internal DeploymentId Lane { get; init; }
}
