using System.Net;
using System.Text;
using Fury.Sdk.Bindings;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gcs;
using Fury.Sdk.Tests.Wire;

namespace Fury.Sdk.Tests.Gcs;

/// <summary>What is pure of it, and that the fake is as strict as it should be.</summary>
public sealed class GcsRulesTests(FakeCloudStorage fake) : IClassFixture<FakeCloudStorage>
{
    [Fact]
    public void The_checksum_is_that_of_the_standard() => Assert.Equal("4waSgw==", Http.Crc32c.Base64("123456789"u8));

    [Fact]
    public void Names_come_back_as_keys_in_the_same_order_and_are_none_that_is_refused()
    {
        string[] letters = ["\t", "\n", "\u000b", "\f", "\r", "\u0001", " ", "-", ".", "/", "1", "a", "~", "é", "鍵", "\uffee", "🔑"];
        var random = new Random(7);
        var keys = Enumerable.Range(0, 2000).Select(_ => string.Concat(
            Enumerable.Range(0, random.Next(1, 5)).Select(_ => letters[random.Next(letters.Length)])))
            .Concat([".", "..", ".well-known/acme-challenge/x", "-parts/x"]).Distinct().Order(Utf8Order.Instance).ToList();
        var names = keys.Select(GcsNames.Encode).ToList();

        Assert.Equal(keys, names.Select(GcsNames.Decode));
        Assert.Equal(names.Order(Utf8Order.Instance), names);
        Assert.DoesNotContain(names, name => name is "." or ".." || name.AsSpan().ContainsAny('\n', '\r') || name.StartsWith('.')
            || name.StartsWith(GcsNames.Parts, StringComparison.Ordinal));
        Assert.All(["-parts/x", ".x", "a\nb", "a\tb"], name => Assert.Null(GcsNames.Decode(name)));
    }

    [Theory]
    [InlineData("""{"name":"a","crc32c":"AAAAAA=="}""", 400, "invalid")]
    [InlineData("""{"name":"a\nb"}""", 400, "invalid")]
    [InlineData("""{"name":"..","metadata":{}}""", 400, "invalid")]
    [InlineData("""{"name":"a","generation":"1"}""", 400, "invalid")]
    [InlineData("""{"metadata":{}}""", 400, "required")]
    public async Task The_fake_refuses_an_upload(string resource, int status, string reason)
    {
        fake.Make("strict");
        using var rest = Rest();
        using var response = await rest.Send(
            HttpMethod.Post,
            new Uri(fake.Home, "upload/storage/v1/b/strict/o?uploadType=multipart"),
            () => new MultipartContent("related") { new StringContent(resource, Encoding.UTF8, "application/json"), new ByteArrayContent([1]) },
            [],
            default);

        Assert.Equal((status, reason), ((int)response.StatusCode, Http.RestRefusal.Word(await response.Content.ReadAsByteArrayAsync())));
    }

    [Fact]
    public async Task The_fake_refuses_who_shows_no_token_and_what_it_does_not_know()
    {
        fake.Make("strict");
        using var http = new HttpClient();
        using var unknown = await http.GetAsync(new Uri(fake.Home, "storage/v1/b/strict/o"));
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        using var rest = Rest();
        using var field = await rest.Send(HttpMethod.Get, new Uri(fake.Home, "storage/v1/b/strict/o?perPage=1"), default);
        Assert.Equal(HttpStatusCode.BadRequest, field.StatusCode);
    }

    [Fact]
    public async Task Tokens_that_end_before_their_time_are_asked_for_again_and_who_gets_none_is_told()
    {
        using var rest = Rest();
        var uri = new Uri(fake.Home, "storage/v1/b/strict/o");
        fake.Make("strict");
        (await rest.Send(HttpMethod.Get, uri, default)).Dispose();
        fake.Identity.Expire();
        using var again = await rest.Send(HttpMethod.Get, uri, default);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);

        (fake.Identity.IsRevoked, _) = (true, 0);
        fake.Identity.Expire();
        var error = await Assert.ThrowsAsync<FuryException>(async () => await rest.Send(HttpMethod.Get, uri, default));
        Assert.Equal((FuryErrorCode.Unauthenticated, "Google gives no token: invalid_grant."), (error.Code, error.Message));
        fake.Identity.IsRevoked = false;
    }

    private Http.RestClient Rest()
    {
        var route = new ServiceRoute(GcsProvider.Name, "direct", fake.Home, "local", "strict") { Credential = fake.Credential };
        return new("Cloud Storage", new Google.GoogleAccount(new DriverContext("invoices", route, TimeProvider.System)), TimeProvider.System);
    }
}

/// <summary>What becomes of writes when the connection breaks before the answer.</summary>
public sealed class GcsWireTests(FakeCloudStorage fake) : ObjectWireFaults(fake.Home.Port, port =>
{
    var bucket = $"wire-{Guid.NewGuid():n}";
    fake.Make(bucket);
    var route = new ServiceRoute(GcsProvider.Name, "direct", new Uri($"http://127.0.0.1:{port}"), "local", bucket) { Credential = fake.Credential };
    return (GcsProvider.Factories, route);
}),
    IClassFixture<FakeCloudStorage>
{
    [Fact]
    public async Task A_deletion_is_not_sent_again_in_secret()
    {
        await Driver.PutAsync("a", new byte[] { 1 }, Headers, default, default, default);
        Proxy.CutNextAnswer();

        Assert.True((await Lost(async () => await Driver.DeleteAsync("a", default, default))).OutcomeUnknown);
        Assert.False(await Driver.DeleteAsync("a", default, default));
    }

    [Fact]
    public async Task Trouble_tells_nothing_about_a_write()
    {
        fake.TroubledCalls = 1;
        var error = await Lost(async () => await Driver.PutAsync("a", new byte[] { 1 }, Headers, default, default, default));

        Assert.Equal((FuryErrorCode.Unavailable, true, true), (error.Code, error.IsTransient, error.OutcomeUnknown));
    }
}
