using System.Globalization;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Clouds;

/// <summary>The typed refusals of clouds, each with what to do about it. None holds more of an answer than its code and message.</summary>
internal static class CloudFaults
{
    private const string AfterFact = "retryAfterSeconds";

    public static Fault NoCapacity(string message) => new Fault(FaultKind.Exhausted, message).With(Limits.Fact, Limits.Capacity);

    public static Fault Quota(string message) => new Fault(FaultKind.Exhausted, message).With(Limits.Fact, Limits.Quota);

    public static Fault Throttled(string message) => new(FaultKind.Throttled, message);

    /// <summary>The cloud said for how long it wants to be left alone; null: it did not.</summary>
    public static Fault After(this Fault fault, TimeSpan? pause) =>
        pause is { } asked && asked > TimeSpan.Zero ? fault.With(AfterFact, asked.TotalSeconds) : fault;

    /// <summary>Zero where nothing was said.</summary>
    public static TimeSpan RetryAfter(Fault fault) =>
        fault.Facts.TryGetValue(AfterFact, out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;

    public static Fault Forbidden(string message) => new(FaultKind.Forbidden, message);

    /// <summary>There are no credentials, or the cloud does not take them.</summary>
    public static Fault Unauthenticated(string message) => new(FaultKind.Unauthenticated, message);
}
