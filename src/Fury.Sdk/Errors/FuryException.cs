using System.Collections.ObjectModel;

namespace Fury.Sdk;

/// <summary>The one error of all services. It never holds a value, a message body or a secret.</summary>
public class FuryException(FuryErrorCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public FuryErrorCode Code { get; } = code;

    /// <summary>The same call may succeed later, without a change by the caller.</summary>
    public bool IsTransient { get; init; }

    /// <summary>
    /// The write may have happened although the call failed: the connection broke, or the time was over, after the request may have been sent.
    /// False says that it has not happened and will not.
    /// </summary>
    public bool OutcomeUnknown { get; init; }

    /// <summary>How long the provider asked to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The provider's own word for the error.</summary>
    public string? ProviderCode { get; init; }

    /// <summary>What the provider's support asks for.</summary>
    public string? RequestId { get; init; }

    /// <summary>The revision that a failed condition met, where it is known.</summary>
    public ETag? CurrentETag { get; init; }

    /// <summary>What else a refusal of the platform says, by name, e.g. <c>deploymentId</c> of the one that is in the way; empty for all others.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Where it happened; null for what was refused before any call.</summary>
    public FuryCallInfo? Call { get; internal set; }

    public override string Message => Call is { } call
        ? $"{call.Operation} {call.Service}: {base.Message}{(OutcomeUnknown ? " The write may have happened." : "")}"
        : base.Message;
}

/// <summary>The call that failed.</summary>
/// <param name="Service">The name that the application gave the service.</param>
/// <param name="Operation">As in telemetry, e.g. <c>set</c>.</param>
/// <param name="Provider">What stood behind it, e.g. <c>redis</c>; null before there was any.</param>
/// <param name="Epoch">Under which binding.</param>
/// <param name="Attempts">How often the provider was asked.</param>
public sealed record FuryCallInfo(string Service, string Operation, string? Provider, long Epoch, int Attempts);
