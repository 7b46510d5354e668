namespace Fury.Access.Contracts;

/// <summary>Something that somebody has done, or was kept from doing.</summary>
/// <param name="Caller">Its name; empty: nobody has said who it is.</param>
/// <param name="Via">How it has shown that.</param>
/// <param name="Credential">The id of its token or session; null: it has none.</param>
/// <param name="From">The address.</param>
/// <param name="Method">Of the request, e.g. <c>PUT</c>.</param>
/// <param name="Route">With its parameters by name, e.g. <c>api/v1/applications/{application}</c>.</param>
/// <param name="Path">As it was asked for, without its query.</param>
/// <param name="Permission">What it needed; null: nothing.</param>
/// <param name="IsDenied">It was not allowed, and so not done.</param>
/// <param name="Status">Of the answer.</param>
/// <param name="Why">What has allowed it, or what was missing.</param>
/// <param name="Before">JSON; null: there was nothing, or nobody has said.</param>
/// <param name="After">JSON, as <paramref name="Before"/>.</param>
public sealed record AuditEntry(
    string Caller,
    string Via,
    string? Credential,
    string? From,
    string Method,
    string Route,
    string Path,
    string? Application,
    string? Scope,
    string? Permission,
    bool IsDenied,
    int Status,
    string? Why,
    string? Before,
    string? After);

/// <summary>The record of what was done: it only grows, and no part of it can be changed unseen.</summary>
public interface IAudit
{
    /// <summary>Notes what is about to be done, so that it is in the trail even if this host ends before <see cref="Keep"/>.</summary>
    /// <returns>What <see cref="Keep"/> needs to know.</returns>
    Task<Guid> Ask(AuditEntry entry, CancellationToken cancellation);

    /// <summary>Returns once it is kept.</summary>
    /// <param name="asked">Its <see cref="Ask"/>; null: there was none.</param>
    Task Keep(AuditEntry entry, Guid? asked, CancellationToken cancellation);

    /// <summary>Counts somebody who was not believed: a row for each source and minute comes of it, not one for each try.</summary>
    /// <param name="from">The address.</param>
    /// <param name="why">A sentence that repeats no secret.</param>
    void CountFailedSignIn(string? from, string method, string path, string why);
}
