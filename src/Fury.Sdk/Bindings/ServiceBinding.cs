namespace Fury.Sdk.Bindings;

/// <summary>Where a provider is and how it is spoken to.</summary>
/// <param name="Driver">Which driver, e.g. <c>redis</c>.</param>
/// <param name="Transport"><c>direct</c>, <c>gateway</c> or <c>local</c>.</param>
/// <param name="Endpoint">Null where the driver needs none.</param>
/// <param name="Resource">The bucket, table, key prefix, queue.</param>
public sealed record ServiceRoute(string Driver, string Transport, Uri? Endpoint, string Region, string Resource)
{
    /// <summary>Names the credential; never holds it.</summary>
    public string? Credential { get; init; }

    /// <summary>How this very resource differs from what its protocol says, as the probe has found out.</summary>
    public IReadOnlyDictionary<string, string> Dialect { get; init; } = new Dictionary<string, string>();
}

/// <summary>What stands behind a service of an application from an epoch on.</summary>
/// <param name="Epoch">From 1; grows by one with each switch.</param>
public sealed record ServiceBinding(string Service, ServiceKind Kind, long Epoch, ServiceRoute Route)
{
    public BindingState State { get; init; } = BindingState.Single;

    /// <summary>While data moves: where to, and how far it is; <see cref="Route"/> is then where it comes from.</summary>
    public BindingMove? Move { get; init; }

    /// <summary>
    /// That of fencing tokens, where it is not the binding's: of a move, and ever after, it is that of before, because counters go on from provider to
    /// provider, and tokens of neighbouring epochs must grow in whichever order they are given.
    /// </summary>
    public long? TokenEpoch { get; init; }

    /// <summary>What a probe of the resource has shown; null: the driver's word is taken.</summary>
    public CapabilitySet? Attested { get; init; }

    public CallPolicy Policy { get; init; } = CallPolicy.Default;

    public BindingInfo Info => Move is { } move && move.Shown(Route) is var shown
        ? new(Service, shown.Driver, shown.Region, shown.Transport, Epoch, move.State)
        : new(Service, Route.Driver, Route.Region, Route.Transport, Epoch, State);
}

/// <summary>A move of a service's data to another provider.</summary>
public sealed record BindingMove(ServiceRoute Target, MovePhase Phase)
{
    internal BindingState State => Phase switch
    {
        MovePhase.Preparing => BindingState.Preparing,
        MovePhase.Settling => BindingState.Settling,
        MovePhase.Evacuated => BindingState.Evacuated,
        _ => BindingState.Moving,
    };

    /// <summary>The route that people are shown: the target as soon as all is there.</summary>
    internal ServiceRoute Shown(ServiceRoute source) => Phase is MovePhase.Settling or MovePhase.Evacuated ? Target : source;
}
