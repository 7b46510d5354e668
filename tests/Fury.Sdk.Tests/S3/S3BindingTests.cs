using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.S3;

namespace Fury.Sdk.Tests.S3;

/// <summary>What a binding to S3 must say, found before any I/O.</summary>
public sealed class S3BindingTests
{
    private static readonly ServiceRoute Right = new(S3Provider.Name, "direct", new Uri("http://127.0.0.1:1"), "us-east-1", "bucket")
    {
        Credential = "env:FURY_TEST_NOT_SET,FURY_TEST_NOT_SET_EITHER",
    };

    [Fact]
    public async Task Without_a_credential_it_says_what_would_be_right() => Assert.Equal(
        "The binding of 'invoices' to s3 must name environment variables as its credential, like 'env:AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY'.",
        (await Refused(Right with { Credential = "AKIA-a-key-itself" })).Message);

    [Theory]
    [InlineData("s3.if-match", "perhaps", "The dialect s3.if-match of 'invoices' is 'perhaps'; quoted or unquoted is right.")]
    [InlineData("s3.quotes", "no", "The dialect of 'invoices' names 's3.quotes'; s3.if-match, s3.addressing and s3.conditions are known.")]
    public async Task An_unknown_dialect_is_refused(string key, string value, string message) =>
        Assert.Equal(message, (await Refused(Right with { Dialect = new Dictionary<string, string> { [key] = value } })).Message);

    [Fact]
    public async Task A_variable_that_is_not_set_is_named()
    {
        await using var driver = await Open(Right);
        var error = await Assert.ThrowsAsync<FuryException>(async () => await driver.ProbeAsync(default));

        Assert.Equal(FuryErrorCode.Unauthenticated, error.Code);
        Assert.Contains("FURY_TEST_NOT_SET", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_has_done_nothing()
    {
        Environment.SetEnvironmentVariable("FURY_TEST_S3_ANY", "x");
        await using var driver = await Open(Right with { Credential = "env:FURY_TEST_S3_ANY,FURY_TEST_S3_ANY" });
        var error = await Assert.ThrowsAsync<HttpRequestException>(async () => await driver.ProbeAsync(default));

        var told = driver.Translate(error);
        Assert.Equal((FuryErrorCode.Unavailable, true, false), (told.Code, told.IsTransient, told.OutcomeUnknown));
    }

    [Fact]
    public void A_file_says_its_credential_and_dialect()
    {
        var route = BindingsFile.Parse("fury.json", """
            {
              "bindings": [
                {
                  "service": "invoices", "kind": "objects",
                  "route": { "driver": "s3", "credential": "env:A,B", "dialect": { "s3.if-match": "unquoted" } }
                }
              ]
            }
            """u8)[0].Route;

        Assert.Equal(("env:A,B", "unquoted"), (route.Credential, route.Dialect["s3.if-match"]));
    }

    private static ValueTask<IDriver> Open(ServiceRoute route) =>
        S3Provider.Factories[0].OpenAsync(new DriverContext("invoices", route, TimeProvider.System), default);

    private static Task<FuryException> Refused(ServiceRoute route) => Assert.ThrowsAsync<FuryException>(async () => await Open(route));
}
