namespace Fury.Sdk.Coordination;

public static class CoordinationCapabilities
{
    /// <summary>Tokens grow with each holder.</summary>
    public static Capability Fencing { get; } = new("locks.fencing");
    public static Capability Renew { get; } = new("locks.renew");

    /// <summary>Several numbers in one call, next to each other.</summary>
    public static Capability Range { get; } = new("sequences.range");
}
