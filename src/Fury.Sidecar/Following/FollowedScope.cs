using Fury.Kernel;
using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Following;

/// <summary>A route as it came, on its way into force.</summary>
/// <param name="Nonce">Of the response that it came with.</param>
internal sealed record Candidate(ScopeRoute Route, string Version, string Nonce, long CameAt);

/// <summary>
/// A scope that some listener leads to. A new route waits beside the one in force until everything it needs has come (make before break).
/// Changes are numbered, so that it is known which of them the data plane has applied.
/// </summary>
/// <param name="name">Of its route configuration.</param>
internal sealed class FollowedScope(string name)
{
    public string Name => name;

    /// <summary>The listeners that lead to it.</summary>
    public HashSet<string> Listeners { get; } = new(StringComparer.Ordinal);

    /// <summary>Waits for what it needs.</summary>
    public Candidate? Next { get; set; }

    /// <summary>In force, or on its way to the data plane.</summary>
    public Candidate? Current { get; private set; }

    /// <summary>The number of its last change; 0 for none.</summary>
    public long Change { get; private set; }

    /// <summary>The change with which <see cref="Current"/> came.</summary>
    public long CurrentSince { get; private set; }

    /// <summary>The last change that was given to the data plane.</summary>
    public long Given { get; set; }

    /// <summary>The last change that the data plane has applied.</summary>
    public long Applied { get; set; }

    /// <summary>As it was last given to the data plane.</summary>
    public ScopeRoutes? Routes { get; set; }

    public bool IsInForce => Current is not null && Applied >= CurrentSince;

    /// <summary>Whether a change does not wait for the data plane any more.</summary>
    public bool HasApplied(long change) => Current is null || Applied >= change;

    /// <summary>Whether a route neither waits for what it needs nor for the data plane.</summary>
    public bool HasSettled(Candidate route) => route != Next && (route != Current || IsInForce);

    public IEnumerable<string> Clusters =>
        (Next?.Route.Clusters ?? []).Concat(Current?.Route.Clusters ?? []).Distinct(StringComparer.Ordinal);

    public void Changed(long change) => Change = change;

    public void Promote(long change)
    {
        (Current, Next) = (Next, null);
        Change = CurrentSince = change;
    }

    /// <summary>It has no routes any more.</summary>
    public ScopeRef? Empty()
    {
        var scope = Routes?.Scope;
        (Current, Next, Routes) = (null, null, null);
        return scope;
    }
}

/// <summary>A response that is answered when the data plane has applied what it brought.</summary>
/// <param name="error">What could not be understood of it.</param>
/// <param name="parts">Each true once it is applied, was overtaken, or is not wanted any more.</param>
internal sealed class HeldAnswer(string nonce, string? error, IReadOnlyList<Func<bool>> parts)
{
    public string Nonce => nonce;

    public string? Error { get; private set; } = error;

    public bool IsDue => parts.All(part => part());

    public void Fail(string why) => Error = Error is null ? why : $"{Error}; {why}";
}
