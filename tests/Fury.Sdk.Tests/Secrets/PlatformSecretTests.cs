using System.Text;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Secrets;
using Fury.Sdk.Secrets.Stores;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;

namespace Fury.Sdk.Tests.Secrets;

/// <summary>The secrets of the instance's scope, which the platform keeps.</summary>
[RunsAgainst(PlatformSecrets.Name, "what its API says, by hand; the API itself in the tests of the Catalog")]
public sealed class PlatformSecretTests(FakePlatformSecrets fake) : IClassFixture<FakePlatformSecrets>
{
    public static TheoryData<string> Names => RealServer.Names(ServiceKind.Secrets);

    [Theory]
    [MemberData(nameof(Names))]
    public Task It_keeps_what_one_who_only_reads_can_keep(string name) =>
        new RealServer([Factory()], (_, resource) => Route(resource)).Keeps(name, SecretCapabilities.Encrypt, SecretCapabilities.Write);

    [Fact]
    public async Task The_newest_version_is_given_and_no_other()
    {
        await using var secrets = await Open();
        fake.Set("ROTATED", "first");
        fake.Set("ROTATED", "zweitens: é 🔑");

        var newest = (await secrets.GetAsync("ROTATED", null, default))!;
        Assert.Equal(("2", "zweitens: é 🔑"), (newest.Version, Encoding.UTF8.GetString(newest.Value.Span)));
        Assert.Equal(FakePlatformSecrets.ChangedAt, newest.CreatedAt);
        Assert.Equal(newest.Value.ToArray(), (await secrets.GetAsync("ROTATED", "2", default))!.Value.ToArray());
        Assert.Null(await secrets.GetAsync("ROTATED", "1", default));
        Assert.Null(await secrets.GetAsync("ROTATED", "latest", default));
        Assert.Null(await secrets.GetAsync("ABSENT", null, default));
    }

    [Fact]
    public async Task Names_come_in_order_page_by_page()
    {
        await using var secrets = await Open();
        foreach (var name in new[] { "LIST_B", "LIST_A", "LISTED" })
        {
            fake.Set(name, "x");
        }

        Assert.Equal(["LISTED", "LIST_A"], await secrets.ListAsync("LIST", 2, default));
        Assert.Equal(["LIST_B"], (await secrets.ListAsync("LIST_A", 100, default)).Where(name => name.StartsWith("LIST", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("db-password")]
    [InlineData("A/../../tokens")]
    [InlineData("A?x=1")]
    [InlineData("Ä")]
    public async Task A_name_that_no_secret_can_have_is_absent_and_asks_nobody(string name)
    {
        await using var secrets = await Open();
        var before = fake.Asked;

        Assert.Null(await secrets.GetAsync(name, null, default));
        Assert.Equal(before, fake.Asked);
    }

    [Fact]
    public async Task Who_is_not_known_is_told_so_and_the_token_is_shown_nowhere()
    {
        await using var stranger = await Open("canary-of-nobody");
        var error = await Assert.ThrowsAsync<FuryException>(async () => await stranger.ProbeAsync(default));

        Assert.Equal((FuryErrorCode.Unauthenticated, false), (error.Code, error.IsTransient));
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_host_cannot_open_is_no_absence()
    {
        await using var secrets = await Open();
        fake.Foreign = "FOREIGN";
        var error = await Assert.ThrowsAsync<FuryException>(async () => await secrets.GetAsync("FOREIGN", null, default));

        Assert.Equal((FuryErrorCode.PreconditionFailed, "Fury refused it: So it is."), (error.Code, error.Message));
    }

    private static ServiceRoute Route(string resource) => new(PlatformSecrets.Name, "direct", null, "local", resource);

    private IDriverFactory Factory(string token = FakePlatformSecrets.Token) => PlatformSecrets.Factory(fake.Home, token);

    private async Task<ISecretDriver> Open(string token = FakePlatformSecrets.Token) =>
        (ISecretDriver)await Factory(token).OpenAsync(new DriverContext("app", Route("app"), TimeProvider.System), default);
}
