namespace Fury.Sdk;

/// <summary>What must be so for a write to happen.</summary>
public enum WriteRule
{
    None = 0,
    IfAbsent = 1,
    IfPresent = 2,
    IfMatch = 3,
}

/// <summary>
/// The precondition of a write. It is checked together with the write, atomically; where the bound resource cannot do that, the call is refused
/// before any I/O (<see cref="FuryErrorCode.CapabilityNotSupported"/>).
/// </summary>
public readonly record struct WriteCondition
{
    private WriteCondition(WriteRule rule, ETag match = default) => (Rule, Match) = (rule, match);

    public static WriteCondition None => default;

    /// <summary>Only if there is nothing under the key.</summary>
    public static WriteCondition IfAbsent => new(WriteRule.IfAbsent);

    /// <summary>Only if there is something under the key, whatever it is.</summary>
    public static WriteCondition IfPresent => new(WriteRule.IfPresent);

    public WriteRule Rule { get; }

    /// <summary>The revision that must be there; only for <see cref="WriteRule.IfMatch"/>.</summary>
    public ETag Match { get; }

    /// <summary>Only if the revision is still this one.</summary>
    public static WriteCondition IfMatch(ETag tag) => new(WriteRule.IfMatch, tag);

    public override string ToString() => Rule == WriteRule.IfMatch ? $"IfMatch({Match})" : Rule.ToString();
}
