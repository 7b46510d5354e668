using Fury.Kernel;

namespace Fury.Catalog.Contracts;

/// <summary>A secret of a scope without its value, which nobody is shown: only the scope's own instances are given it.</summary>
/// <param name="Version">From 1; one more with each change. One that was removed and comes again goes on above what there was.</param>
/// <param name="ChangedBy">Who gave it this value.</param>
public sealed record ScopeSecret(SecretName Name, long Version, DateTimeOffset ChangedAt, string ChangedBy)
{
    /// <summary>Of its value, in UTF-8; at least 1.</summary>
    public const int ValueBytesMax = 32 * 1024;
}
