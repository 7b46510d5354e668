namespace Fury.Sdk.Telemetry;

/// <summary>The names under which the SDK is observed. They are a contract: none changes its meaning.</summary>
public static class FuryTelemetry
{
    public const string ActivitySource = "Fury.Sdk";
    public const string Meter = "Fury.Sdk";

    /// <summary>Histogram, seconds, of calls with all their attempts.</summary>
    public const string OperationDuration = "fury.client.operation.duration";

    /// <summary>Counter of what was asked of providers, by whether it was the first time.</summary>
    public const string Attempts = "fury.client.attempts";
    public const string InFlight = "fury.client.in_flight";

    /// <summary>Gauge.</summary>
    public const string BindingEpoch = "fury.binding.epoch";

    /// <summary>Counter by <c>result</c>: local, hit, miss, stale.</summary>
    public const string CacheRequests = "fury.cache.requests";

    /// <summary>Counter of locks and messages whose lease ended while they were held.</summary>
    public const string LeaseLost = "fury.lease.lost";

    // Attributes.
    public const string Service = "fury.service";
    public const string Kind = "fury.service.kind";
    public const string Operation = "fury.operation";
    public const string Provider = "fury.provider";
    public const string Transport = "fury.transport";
    public const string Epoch = "fury.binding.epoch";
    public const string AttemptCount = "fury.attempts";
    public const string OutcomeUnknown = "fury.outcome_unknown";

    /// <summary>The code of the error, as OpenTelemetry has it.</summary>
    public const string ErrorType = "error.type";
}
