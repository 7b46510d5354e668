using Fury.Kernel;

namespace Fury.Access.Contracts;

/// <summary>Who may do what. Nothing is allowed that no grant allows.</summary>
public interface IAccess
{
    /// <summary>Also on what does not exist, which is covered by grants for the organisation and for its name.</summary>
    Task<Decision> Decide(Caller caller, Permission permission, Target target, CancellationToken cancellation);

    /// <summary>Whether there is anything at all that the caller may do this to.</summary>
    Task<Decision> DecideAnywhere(Caller caller, Permission permission, CancellationToken cancellation);

    /// <summary>All that the caller may do to the target; null: to anything at all.</summary>
    Task<IReadOnlyList<Permission>> Permissions(Caller caller, Target? target, CancellationToken cancellation);

    /// <summary>What a list of applications may show: what every one of these reaches.</summary>
    Task<IReadOnlyList<Reach>> Reach(Caller caller, Permission permission, CancellationToken cancellation);

    /// <summary>What a list of things of scopes may show, for those who do not know whose the scopes are. It belongs into the query of the list.</summary>
    Task<Sight> Sight(Caller caller, Permission permission, CancellationToken cancellation);
}

/// <summary>Who calls, by what it shows.</summary>
public interface ICallers
{
    /// <summary>How a person begins to log in with a browser, e.g. <c>/auth/login</c>; null: there is no way.</summary>
    string? Login { get; }

    /// <param name="credential">What stands behind <c>Authorization: Bearer</c>: an API token, a session, or a token of the OpenID provider.</param>
    /// <param name="from">The address that it comes from; noted as the last use of an API token.</param>
    /// <returns><see cref="FaultKind.Unauthenticated"/> says what is wrong with it, and never repeats it.</returns>
    Task<Outcome<Caller>> Identify(string credential, string? from, CancellationToken cancellation);
}
