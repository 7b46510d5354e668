namespace Fury.Sdk;

/// <summary>Something that not every provider can do, by its stable name, e.g. <c>kv.cas</c>.</summary>
public readonly record struct Capability(string Name)
{
    public override string ToString() => Name;
}

public enum CapabilityLevel
{
    None = 0,

    /// <summary>Kept by Fury over what the provider has: the same promise, at more cost.</summary>
    Emulated = 1,
    Native = 2,
}
