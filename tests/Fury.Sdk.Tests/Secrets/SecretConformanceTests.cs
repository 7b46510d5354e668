using Fury.Sdk.Aws;
using Fury.Sdk.Azure;
using Fury.Sdk.Bindings;
using Fury.Sdk.Google;
using Fury.Sdk.Secrets.Stores;
using Fury.Sdk.Tests.Matrix;

namespace Fury.Sdk.Tests.Secrets;

/// <summary>Secret Manager itself has not been asked.</summary>
[RunsAgainst(GoogleSecretsProvider.Name, "a strict fake", NeverAsked = "Google Secret Manager")]
public sealed class GoogleSecretConformanceTests(FakeSecretManager fake)
    : SecretStoreTests(GoogleSecretsProvider.Factories[0], resource => Route(fake, resource), 64 * 1024), IClassFixture<FakeSecretManager>
{
    [Fact]
    public async Task What_arrives_otherwise_than_it_is_is_found_out()
    {
        await using var secrets = await Open("corrupt");
        await secrets.AddVersionAsync("a", new byte[] { 1 }, default);
        fake.IsCorrupt = true;
        var error = await Assert.ThrowsAsync<FuryException>(async () => await secrets.GetAsync("a", null, default));
        fake.IsCorrupt = false;

        Assert.Equal((FuryErrorCode.Corrupted, true), (error.Code, error.IsTransient));
    }

    [Fact]
    public Task Who_is_always_too_late_gives_up_in_time() => GivesUp(isContended => fake.IsContended = isContended);

    private static ServiceRoute Route(FakeSecretManager fake, string resource) =>
        new(GoogleSecretsProvider.Name, "direct", fake.Home, "local", resource) { Credential = fake.Credential };
}

/// <summary>AWS itself has not been asked.</summary>
[RunsAgainst(AwsSecretsProvider.Name, "a strict fake", NeverAsked = "AWS Secrets Manager")]
public sealed class AwsSecretConformanceTests(FakeSecretsManager fake)
    : SecretStoreTests(AwsSecretsProvider.Factories[0], resource => Route(fake, resource), 64 * 1024), IClassFixture<FakeSecretsManager>
{
    [Fact]
    public Task Who_is_always_too_late_gives_up_in_time() => GivesUp(isContended => fake.IsContended = isContended);

    private static ServiceRoute Route(FakeSecretsManager fake, string resource) =>
        new(AwsSecretsProvider.Name, "direct", fake.Home, "us-east-1", resource) { Credential = fake.Credential };
}

/// <summary>Key Vault itself has not been asked.</summary>
[RunsAgainst(KeyVaultProvider.Name, "a strict fake", NeverAsked = "Azure Key Vault")]
public sealed class KeyVaultConformanceTests(FakeKeyVault fake)
    : SecretStoreTests(KeyVaultProvider.Factories[0], resource => Route(fake, resource), 18 * 1024), IClassFixture<FakeKeyVault>
{
    [Fact]
    public async Task A_value_that_is_too_large_for_a_vault_is_refused_before_any_io()
    {
        await using var secrets = await Open("large");
        var error = await Assert.ThrowsAsync<FuryException>(async () => await secrets.AddVersionAsync("a", new byte[26 * 1024], default));

        Assert.Equal(FuryErrorCode.PayloadTooLarge, error.Code);
    }

    [Fact]
    public async Task A_machine_stands_for_its_account()
    {
        var before = fake.TokensGiven;
        await using var secrets = await Open("machine", credential: null);
        await secrets.AddVersionAsync("a", new byte[] { 1 }, default);

        Assert.Equal(before + 1, fake.TokensGiven);
    }

    private static ServiceRoute Route(FakeKeyVault fake, string resource) =>
        new(KeyVaultProvider.Name, "direct", fake.Home, "local", resource) { Credential = fake.Credential };
}

/// <summary>Names as ids, which is pure.</summary>
public sealed class SecretIdTests
{
    private static readonly SecretIds Ids = new("shop", "--", SecretIds.LowerCase);

    [Theory]
    [InlineData("db-password", "shop--db-password")]
    [InlineData("DB", "shop---x44-x42")]
    [InlineData("a/b", "shop--a-x2fb")]
    [InlineData("é", "shop---xc3-xa9")]
    [InlineData("a-x2fb", "shop--a-x2dx2fb")]
    [InlineData("a-x2", "shop--a-x2")]
    public void A_name_is_itself_where_it_may_be(string name, string id)
    {
        Assert.Equal(id, Ids.Encode(name));
        Assert.Equal(name, Ids.Decode(id));
    }

    [Fact]
    public void Any_name_comes_back_and_no_two_are_one()
    {
        var random = new Random(7);
        var names = Enumerable.Range(0, 5000)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => "-x2fDé/"[random.Next(7)]))).Distinct().ToList();
        var ids = names.Select(Ids.Encode).ToList();

        Assert.Equal(names, ids.Select(Ids.Decode));
        Assert.Equal(names.Count, ids.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Null(Ids.Decode("shop-2--a"));
    }
}
