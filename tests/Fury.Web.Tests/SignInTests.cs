using Fury.Testing;

namespace Fury.Web.Tests;

/// <summary>People in a browser who sign in with a real OpenID provider.</summary>
public sealed class SignInTests
{
    private const string Token = "a-token-for-whoever-sets-it-all-up";

    private static readonly TimeSpan Within = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task People_sign_in_with_their_provider_and_do_what_they_may_and_no_more()
    {
        var provider = new OidcServer();
        await provider.InitializeAsync();
        var database = await TestPostgres.CreateDatabase();
        string[] settings =
        [
            $"--Fury:Auth:Token={Token}", $"--Fury:Auth:Oidc:Issuer={provider.Issuer}", "--Fury:Auth:Oidc:ClientId=fury-web",
            "--Fury:Auth:Oidc:ClientSecret=a-secret-of-the-web",
        ];
        try
        {
            await using var fury = await FuryProcess.Start(database, settings);
            await WebTests.Browser(fury, Within, ["sign-in"], new() { ["FURY_ISSUER"] = provider.Issuer, ["FURY_TEST_TOKEN"] = Token });
        }
        finally
        {
            await provider.DisposeAsync();
        }

        await TestPostgres.DropDatabase(database);
    }
}
