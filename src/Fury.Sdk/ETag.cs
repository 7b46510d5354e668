namespace Fury.Sdk;

/// <summary>An opaque revision of a stored thing. Compare it for equality only; never parse or build one.</summary>
public readonly record struct ETag(string Value)
{
    public override string ToString() => Value;
}
