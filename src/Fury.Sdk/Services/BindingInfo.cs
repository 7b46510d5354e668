using System.Diagnostics.CodeAnalysis;

namespace Fury.Sdk;

/// <summary>Where a service is between two providers. At most two neighbouring states live at the same time.</summary>
public enum BindingState
{
    Unbound = 0,
    /// <summary>One provider has it all.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The word of the protocol.")]
    Single = 1,
    Preparing = 2,
    Moving = 3,
    Settling = 4,
    Draining = 5,
    Evacuated = 6,
}

/// <summary>What stands behind a service now. For people and logs: code must not depend on it.</summary>
/// <param name="Epoch">Grows with each switch.</param>
public sealed record BindingInfo(string Service, string Provider, string Region, string Transport, long Epoch, BindingState State);
