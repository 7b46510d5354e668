using System.Text;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Secrets;
using Fury.Sdk.Tests.Conformance;
using Fury.Testing;

namespace Fury.Sdk.Tests.Secrets;

/// <summary>What every driver of a manager of secrets keeps, against a strict fake of it.</summary>
/// <param name="route">To the fake, with a resource.</param>
/// <param name="valueBytesMax">The largest value of bytes that are no text.</param>
public abstract class SecretStoreTests(IDriverFactory factory, Func<string, ServiceRoute> route, int valueBytesMax)
{
    public static TheoryData<string> Names => RealServer.Names(ServiceKind.Secrets);

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_fake_of_it_keeps(string name) =>
        new RealServer([factory], (_, resource) => route(resource)).Keeps(name, SecretCapabilities.Encrypt);

    [Fact]
    public async Task Names_and_values_of_all_kinds_are_kept_apart_and_an_older_version_is_what_it_was()
    {
        await using var secrets = await Open($"apart-{Guid.NewGuid():n}");
        await using var others = await Open($"apart-{Guid.NewGuid():n}");
        var now = TimeProvider.System.GetUtcNow();
        string[] names = ["DB", "a b", "a-b", "a-x20b", "a/b", "db", "db-password", "x", "é/🔑"];
        byte[] large = [0xFF, .. Enumerable.Range(0, valueBytesMax - 1).Select(each => (byte)each)];
        var first = await secrets.AddVersionAsync("x", large, default);
        foreach (var name in names)
        {
            await secrets.AddVersionAsync(name, Encoding.UTF8.GetBytes(name), default);
        }

        Assert.Equal(names, await secrets.ListAsync(null, 100, default));
        Assert.Equal(names[2..5], await secrets.ListAsync("a b", 3, default));
        Assert.Empty(await others.ListAsync(null, 100, default));
        foreach (var name in names)
        {
            var found = (await secrets.GetAsync(name, null, default))!;
            Assert.Equal(name, Encoding.UTF8.GetString(found.Value.Span));
            Assert.InRange(found.CreatedAt, now.AddHours(-1), now.AddHours(1));
        }

        Assert.Equal(large, (await secrets.GetAsync("x", first, default))!.Value.ToArray());
        Assert.Null(await secrets.GetAsync("x", "latest", default));
        Assert.Null(await secrets.GetAsync("x", "99", default));
        Assert.Null(await secrets.GetAsync("x", new string('0', 32), default));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_in_words()
    {
        await using var secrets = await Open("shop");
        var empty = await Assert.ThrowsAsync<FuryException>(async () => await secrets.AddVersionAsync("a", default, default));
        Assert.Equal("The secret is empty; the managers of secrets of clouds keep 1 byte at least.", empty.Message);

        var resource = await Assert.ThrowsAsync<FuryException>(() => Open("Shop--1"));
        Assert.Equal(
            "The resource of 'keys' is 'Shop--1'; lower-case letters, digits and single dashes between are right, like 'shop'.", resource.Message);
    }

    [Fact]
    public async Task Who_may_not_is_told_and_shown_nothing()
    {
        Environment.SetEnvironmentVariable("FURY_TEST_SECRET_CANARY", "canary-7731");
        var given = route("shop");
        var names = string.Join(',', given.Credential!.Split(',').SkipLast(1).Append("FURY_TEST_SECRET_CANARY"));
        var wrong = given with { Credential = names.StartsWith("env:", StringComparison.Ordinal) ? names : "env:" + names };
        var error = await Assert.ThrowsAsync<FuryException>(async () =>
        {
            await using var driver = await factory.OpenAsync(new DriverContext("keys", wrong, TimeProvider.System), default);
            await driver.ProbeAsync(default);
        });

        Assert.Equal((FuryErrorCode.Unauthenticated, false), (error.Code, error.OutcomeUnknown));
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    /// <param name="contend">From when it is true until it is false, the fake answers as if another made and removed the secret all the time.</param>
    private protected async Task GivesUp(Action<bool> contend)
    {
        await using var secrets = await Open("contended");
        using var stop = new CancellationTokenSource(Eventually.Deadline);
        contend(true);
        try
        {
            var error = await Assert.ThrowsAsync<FuryException>(async () => await secrets.AddVersionAsync("a", new byte[] { 1 }, stop.Token));

            Assert.Equal((FuryErrorCode.Aborted, true, false), (error.Code, error.IsTransient, error.OutcomeUnknown));
            Assert.Contains("5 times in a row", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            contend(false);
        }
    }

    private protected async Task<ISecretDriver> Open(string resource, string? credential = "as it is")
    {
        var to = credential is null ? route(resource) with { Credential = null } : route(resource);
        var driver = (ISecretDriver)await factory.OpenAsync(new DriverContext("keys", to, TimeProvider.System), default);
        await driver.ProbeAsync(default);
        return driver;
    }
}
