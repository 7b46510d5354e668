using Fury.Access.Contracts;
using Fury.Kernel;
using Microsoft.AspNetCore.Authorization;

namespace Fury.Hosting;

/// <summary>Says who may call an action. The host refuses to start with an action that says nothing.</summary>
public interface IDeclaresAccess
{
    /// <summary>In words, for the list of routes that is reviewed: <c>deploy</c>, <c>operate on the organisation</c>, <c>instances</c>.</summary>
    string Access { get; }
}

/// <summary>
/// The permission that an action needs: on the application and scope of its route's <c>{application}</c> and <c>{scope}</c>, or else on the organisation. The
/// host checks it before the action runs.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NeedsAttribute(Permission permission) : Attribute, IDeclaresAccess
{
    public Permission Permission => permission;

    /// <summary>To have it on anything will do: the action itself shows no more than the caller may see.</summary>
    public bool Anywhere { get; init; }

    /// <summary>An <see cref="IRouteSubject"/> of the services, which knows whose the <c>{id}</c> of the route is; null: the route itself says it.</summary>
    public Type? Subject { get; init; }

    public string Access => $"{Word.Of(permission)}{(Anywhere ? " anywhere" : Subject is null ? "" : $" by {Subject.Name}")}";
}

/// <summary>Knows of which scope a thing is that a route names by an id of its own.</summary>
public interface IRouteSubject
{
    /// <summary>The value of the route that holds the id.</summary>
    string Parameter { get; }

    /// <summary>What the id is of, as a word: <c>deployment</c>.</summary>
    string Noun { get; }

    /// <summary>Null when there is no such thing, or the text is no id.</summary>
    Task<ScopeRef?> Of(string id, CancellationToken cancellation);
}

/// <summary>An action for everybody, also for those who have not said who they are.</summary>
/// <param name="why">Why it may be open.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OpenToAllAttribute(string why) : Attribute, IDeclaresAccess, IAllowAnonymous
{
    public string Why => why;

    public string Access => $"everybody: {why}";
}
