using Fury.Sdk.Checks;
using Fury.Sdk.Messaging;

namespace Fury.Sdk;

/// <summary>
/// A service that the application uses, and what it must be able to do. Whatever is bound to it is held against this, so that what is missing is
/// found when it is bound and not in the middle of the night.
/// </summary>
public sealed class ServiceNeed
{
    private readonly List<Capability> _required = [];

    internal ServiceNeed(ServiceKind kind, string name)
    {
        Check.ServiceName(name);
        (Kind, Name) = (kind, name);
    }

    public ServiceKind Kind { get; }

    public string Name { get; }

    public IReadOnlyList<Capability> Required => _required;

    /// <summary>None: whatever the kind of service allows.</summary>
    public Access Granted { get; private set; }

    /// <summary>Where the data may be; empty: anywhere.</summary>
    public IReadOnlyList<string> Regions { get; private set; } = [];

    internal QueueOptions Queue { get; init; } = new();

    internal LargeBodyOptions? LargeBodies { get; init; }

    internal TimeSpan? HedgedAfter { get; private set; }

    public ServiceNeed Require(params Capability[] capabilities)
    {
        _required.AddRange(capabilities);
        return this;
    }

    public ServiceNeed Access(Access access)
    {
        Granted = access;
        return this;
    }

    /// <summary>
    /// A read that has no answer after so long is asked once more, beside the first, and the answer that comes first is taken: for a store that is slow now and
    /// then, and can bear up to a twentieth more reads. It is done where an answer is small and asking changes nothing: gets and scans of key-value stores,
    /// properties of objects, secrets.
    /// </summary>
    /// <param name="after">1 ms to 1 min; what only a few of a hundred reads take longer than.</param>
    public ServiceNeed HedgeReads(TimeSpan after)
    {
        Check.Between("after", after, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        HedgedAfter = after;
        return this;
    }

    public ServiceNeed Residency(params string[] regions)
    {
        Regions = regions;
        return this;
    }
}
