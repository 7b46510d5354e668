using Fury.Access.Sessions;
using Fury.Access.Tokens;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;

namespace Fury.Access.Oidc;

/// <param name="Token">What stands behind <c>Authorization: Bearer</c> from now on.</param>
internal sealed record NewSession(string Token, string Name, DateTimeOffset ExpiresAt);

/// <summary>Turns a token of the provider into a session.</summary>
internal sealed class LoginDesk(OidcCallers persons, SessionStore sessions, TokenStore tokens, TimeProvider clock)
{
    public async Task<Outcome<NewSession>> Begin(HttpContext context, string token, string? nonce, CancellationToken cancellation)
    {
        var person = await persons.Identify(token, nonce, cancellation);
        if (!person.IsOk)
        {
            return person.Fault;
        }

        var (session, secret) = await sessions.Begin(person.Value, cancellation);
        await tokens.OwnerIsIn(person.Value.Name, person.Value.Groups, clock.GetUtcNow(), cancellation);
        context.SetCaller(person.Value with { Credential = session.Id.ToString() });
        context.Changes(null, new { session = session.Id, groups = session.Groups, session.ExpiresAt });
        return new NewSession(secret, session.Name, session.ExpiresAt);
    }
}
