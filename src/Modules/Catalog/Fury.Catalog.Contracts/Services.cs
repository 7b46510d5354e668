using Fury.Kernel;

namespace Fury.Catalog.Contracts;

/// <summary>The kinds of cloud services that applications use through <c>Fury.Sdk</c>.</summary>
public enum ServiceKind
{
    Objects,
    KeyValue,
    Queue,
    Topic,
    Stream,
    Cache,
    Secrets,
    Configuration,
    Locks,
    Sequences,
}

/// <summary>A cloud service of an application. What stands behind it is said for each scope, by a <see cref="ServiceBinding"/>.</summary>
public sealed record Service(ApplicationName Application, ServiceKind Kind, ServiceName Name, DateTimeOffset CreatedAt);

/// <summary>A service of a scope, behind which something stands.</summary>
public sealed record BoundService(ScopeRef Scope, ServiceKind Kind, ServiceName Service)
{
    /// <summary>Out of its parts as a caller says them; what is wrong is noted, and then it must not be used.</summary>
    public static BoundService Read(Validation validation, string? application, string? scope, string? kind, string? service) =>
        new(validation.Scope(application, scope), validation.Choice(kind, ServiceKind.Objects), validation.Name<ServiceName>(service));

    public override string ToString() => $"{Word.Of(Kind)} {Scope}/{Service}";
}

/// <summary>Where a provider is and how it is spoken to.</summary>
/// <param name="Driver">Which driver of the SDK, e.g. <c>redis</c>.</param>
/// <param name="Transport"><c>direct</c>, <c>local</c>, or <c>gateway</c>: instances go through the platform, which alone knows the rest.</param>
/// <param name="Endpoint">An absolute address without user or password; null where the driver needs none.</param>
/// <param name="Resource">The bucket, table, key prefix, queue.</param>
/// <param name="Credential">Names the credential; never holds it.</param>
public sealed record ServiceRoute(string Driver, string Transport, string? Endpoint, string Region, string Resource, string? Credential)
{
    /// <summary>The transport by which instances ask the platform instead of the provider.</summary>
    public const string Gateway = "gateway";

    /// <summary>How this very resource differs from what its protocol says, e.g. <c>s3.if-match</c>: <c>unquoted</c>.</summary>
    public IReadOnlyDictionary<string, string> Dialect { get; init; } = new Dictionary<string, string>();

    public bool Equals(ServiceRoute? other) =>
        other is not null && (Driver, Transport, Endpoint, Region, Resource, Credential)
            == (other.Driver, other.Transport, other.Endpoint, other.Region, other.Resource, other.Credential)
        && Dialect.Count == other.Dialect.Count && !Dialect.Except(other.Dialect).Any();

    public override int GetHashCode() => HashCode.Combine(Driver, Transport, Endpoint, Region, Resource, Credential);
}

/// <summary>What stands behind a service in a scope, from an epoch on.</summary>
/// <param name="Epoch">From 1; one more with each switch, also over a time in which nothing was bound.</param>
/// <param name="Route">Null: from this epoch on nothing is bound.</param>
public sealed record ServiceBinding(
    ScopeRef Scope, ServiceKind Kind, ServiceName Service, long Epoch, ServiceRoute? Route, string Reason, string By, DateTimeOffset At)
{
    /// <summary>While the data moves to another provider; null otherwise.</summary>
    public BindingMove? Move { get; init; }

    /// <summary>
    /// That of fencing tokens, where it is not the binding's: of a move and of what it ends with it is the one of before, because counters go on from
    /// provider to provider.
    /// </summary>
    public long? TokenEpoch { get; init; }
}

/// <summary>An instance of the application that holds a binding.</summary>
/// <param name="Epoch">Which is in force there; 0 when none is.</param>
/// <param name="Refused">Why it does not take the newest; null while it has not said so.</param>
public sealed record BindingHolder(string Instance, long Epoch, string? Refused, DateTimeOffset SeenAt);

/// <summary>A binding, and who follows it.</summary>
/// <param name="InForce">How many instances have it in force.</param>
/// <param name="Behind">Instances that have not, the longest silent first; at most 50.</param>
public sealed record BindingStatus(ServiceBinding Binding, int InForce, IReadOnlyList<BindingHolder> Behind);

/// <summary>What is bound now, for those who need it at each call: kept in memory, bounded, and at most 10 s behind while the database can be asked.</summary>
public interface IServiceBindings
{
    /// <summary>Null when nothing is bound. Throws what the database throws, when it must be asked and cannot be.</summary>
    /// <param name="epoch">What the caller has heard of: where an earlier one is known here, the database is asked.</param>
    ValueTask<ServiceBinding?> Find(ScopeRef scope, ServiceKind kind, ServiceName service, long epoch, CancellationToken cancellation);
}
