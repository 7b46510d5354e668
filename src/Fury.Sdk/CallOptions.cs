namespace Fury.Sdk;

public enum ReadConsistency
{
    /// <summary>The last write that was answered, or a later one.</summary>
    Strong = 0,

    /// <summary>Possibly an older value, for less money or time where the provider has such a read.</summary>
    Eventual = 1,
}

/// <summary>What one call may have otherwise. What is null follows the policy that came with the binding; the policy is never widened.</summary>
public record CallOptions
{
    /// <summary>For the whole call with its retries. Only narrows the policy's.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How often the provider is asked, the first time included. Only narrows the policy's.</summary>
    public int? MaxAttempts { get; init; }

    public ReadConsistency Consistency { get; init; }
}
