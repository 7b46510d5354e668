using Fury.Access.Contracts;
using Fury.Access.Oidc;
using Fury.Access.Sessions;
using Fury.Access.Tokens;
using Fury.Kernel;

namespace Fury.Access;

/// <summary>Who calls, by one of the three things that the API takes: an API token, a session, a token of the OpenID provider.</summary>
internal sealed class Callers(TokenDesk tokens, SessionStore sessions, OidcCallers persons) : ICallers
{
    private const int LengthMax = 16 * 1024;

    public string? Login => persons.IsOn ? "/auth/login" : null;

    public async Task<Outcome<Caller>> Identify(string credential, string? from, CancellationToken cancellation) => credential switch
    {
        { Length: > LengthMax } => new Fault(FaultKind.Unauthenticated, $"No token is longer than {LengthMax} characters."),
        _ when credential.StartsWith(SessionStore.Prefix, StringComparison.Ordinal) => await sessions.Find(credential, cancellation) is { } session
            ? new Caller(session.Name, CallerKind.User) { Groups = session.Groups, Credential = session.Id.ToString() }
            : new Fault(FaultKind.Unauthenticated, "The session has ended. Log in again."),
        _ when credential.StartsWith(TokenDesk.Prefix, StringComparison.Ordinal) => await tokens.Identify(credential, from, cancellation),
        _ when persons.IsOn => await persons.Identify(credential, null, cancellation),
        _ => new Fault(FaultKind.Unauthenticated, "There is no such token."),
    };
}
