using Fury.Access.Oidc;
using Fury.Access.Tests.Tokens;

namespace Fury.Access.Tests.Oidc;

public sealed class LoginStoreTests(TokenHost host) : IClassFixture<TokenHost>
{
    private static readonly Login Some = new("verifier", "nonce", "/");

    [Fact]
    public async Task One_address_does_not_take_the_places_of_all()
    {
        var logins = host.Get<LoginStore>();
        for (var number = 0; number < LoginStore.LoginsOfOneMax; number++)
        {
            Assert.True(await logins.Begin($"{number}", Some, "203.0.113.9", default));
        }

        Assert.False(await logins.Begin("more", Some, "203.0.113.9", default));
        Assert.True(await logins.Begin("another", Some, "203.0.113.10", default));
        host.Clock.Advance(LoginStore.Life + TimeSpan.FromSeconds(1));
        Assert.True(await logins.Begin("later", Some, "203.0.113.9", default));
    }
}
