using Fury.Access.Contracts;
using Fury.Access.Sessions;
using Fury.Access.Tests.Tokens;

namespace Fury.Access.Tests.Sessions;

public sealed class SessionStoreTests(TokenHost host) : IClassFixture<TokenHost>
{
    [Fact]
    public async Task The_oldest_session_of_a_person_ends_when_it_begins_too_many()
    {
        var sessions = host.Get<SessionStore>();
        var other = (await sessions.Begin(new("other", CallerKind.User), default)).Secret;
        List<string> secrets = [];
        for (var number = 0; number <= SessionStore.SessionsOfOneMax; number++)
        {
            host.Clock.Advance(TimeSpan.FromSeconds(1));
            secrets.Add((await sessions.Begin(new("eager", CallerKind.User), default)).Secret);
        }

        Assert.Null(await sessions.Find(secrets[0], default));
        Assert.All(await Task.WhenAll(secrets.Skip(1).Append(other).Select(secret => sessions.Find(secret, default))), Assert.NotNull);
    }
}
