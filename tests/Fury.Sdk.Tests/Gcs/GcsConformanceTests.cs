using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gcs;
using Fury.Sdk.Objects;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;

namespace Fury.Sdk.Tests.Gcs;

/// <summary>A strict fake of Cloud Storage keeps what the driver says. Cloud Storage itself has not been asked.</summary>
[RunsAgainst(GcsProvider.Name, "a strict fake", NeverAsked = "Google Cloud Storage", Also = "objects.access-url")]
public sealed class GcsConformanceTests(FakeCloudStorage fake) : IClassFixture<FakeCloudStorage>
{
    private static readonly ObjectHeaders Headers = new("text/plain", new Dictionary<string, string> { ["m"] = "v" });

    public static TheoryData<string> Names => RealServer.Names(ServiceKind.Objects);

    private RealServer Target => new([new DriverFactory(ServiceKind.Objects, GcsProvider.Name, Open)], (_, bucket) => Route(bucket));

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_fake_of_Cloud_Storage_keeps(string name) => Target.Keeps(name);

    [Fact]
    public async Task The_probe_finds_all_that_is_declared()
    {
        await using var driver = await Open("declared");

        var attested = await ConformanceSuite.AttestAsync(Target, ServiceKind.Objects);

        Assert.Equal(driver.Declared.Levels.OrderBy(each => each.Key.Name), attested.Levels.OrderBy(each => each.Key.Name));
    }

    [Fact]
    public async Task An_address_reads_and_writes_one_object_and_a_changed_one_nothing()
    {
        await using var driver = await Open("urls");

        await AccessUrls.ReadAndWriteOne(driver, HttpStatusCode.OK, "X-Goog-Expires=60", "X-Goog-Expires=61");
    }

    [Fact]
    public async Task Many_parts_are_composed_in_their_order_and_none_is_left()
    {
        await using var driver = await Open("parts");
        var (upload, tags) = (await driver.BeginUploadAsync("big", Headers, default), new List<string>());
        var content = new StringBuilder();
        for (var number = 1; number <= 70; number++)
        {
            content.Append(number).Append(' ');
            tags.Add(await driver.UploadPartAsync("big", upload, number, Encoding.UTF8.GetBytes($"{number} "), default));
        }

        var sha256 = SHA256.HashData(Encoding.UTF8.GetBytes($"{content}"));
        Assert.False((await driver.CommitUploadAsync("big", upload, tags, sha256, WriteCondition.IfMatch(new ETag("1")), default)).Applied);
        Assert.Empty(await driver.ListAsync("", null, null, 10, default));
        var put = await driver.CommitUploadAsync("big", upload, tags, sha256, WriteCondition.IfAbsent, default);

        await using var read = (await driver.OpenAsync("big", 0, null, default))!;
        Assert.Equal($"{content}", await new StreamReader(read.Content).ReadToEndAsync());
        Assert.Equal((put.Properties!.ETag, "v", "text/plain"), (read.Properties.ETag, read.Properties.Metadata["m"], read.Properties.ContentType));
        Assert.True(read.Properties.Sha256.Span.SequenceEqual(sha256));
        Assert.Equal(["big"], fake.Names("parts"));
        var over = await Assert.ThrowsAsync<FuryException>(async () => await driver.CommitUploadAsync("big", upload, tags, sha256, default, default));
        Assert.Equal((FuryErrorCode.InvalidArgument, "The upload is over; begin again."), (over.Code, over.Message));
    }

    [Theory]
    [InlineData('/')]
    [InlineData('-')]
    public async Task A_folder_of_more_than_a_page_is_one_item(char divider)
    {
        var bucket = $"pages-{(int)divider}";
        await using var driver = await Open(bucket);
        foreach (var key in Enumerable.Range(0, 30).Select(index => $"a{divider}{index:D2}").Append("az").Append($"b{divider}1"))
        {
            await driver.PutAsync(key, Encoding.UTF8.GetBytes(key), Headers, default, default, default);
        }

        Assert.Equal([$"a{divider}", "az", $"b{divider}"], (await driver.ListAsync("", divider, null, 10, default)).Select(item => item.Key));
        Assert.Equal(["az"], (await driver.ListAsync("", divider, $"a{divider}", 1, default)).Select(item => item.Key));
        Assert.Equal([$"b{divider}"], (await driver.ListAsync("", divider, "az", 10, default)).Select(item => item.Key));
    }

    [Fact]
    public async Task What_is_stored_packed_is_read_packed()
    {
        await using var driver = await Open("packed");
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write("plain"u8);
        }

        await driver.PutAsync("a", packed.ToArray(), Headers with { ContentEncoding = "gzip" }, default, default, default);
        await using var read = (await driver.OpenAsync("a", 0, null, default))!;
        using var bytes = new MemoryStream();
        await read.Content.CopyToAsync(bytes);

        Assert.Equal(packed.ToArray(), bytes.ToArray());
        Assert.Equal((packed.Length, "gzip"), (read.Properties.Length, read.Properties.ContentEncoding));
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_and_a_key_that_is_wrong_are_told_without_the_key()
    {
        await using var absent = await GcsProvider.Factories[0].OpenAsync(new DriverContext("invoices", Route("nowhere"), TimeProvider.System), default);
        var error = await Assert.ThrowsAsync<FuryException>(async () => await absent.ProbeAsync(default));
        Assert.Equal((FuryErrorCode.NotFound, "notFound", false), (error.Code, error.ProviderCode, error.OutcomeUnknown));

        using var other = RSA.Create(2048);
        var json = fake.Identity.ServiceAccount(fake.Home);
        json["private_key"] = other.ExportPkcs8PrivateKeyPem();
        error = await WithKey(json.ToJsonString());
        Assert.Equal((FuryErrorCode.Unauthenticated, "invalid_grant", false), (error.Code, error.ProviderCode, error.OutcomeUnknown));
        json["private_key"] = "canary-7731";
        error = await WithKey(json.ToJsonString());
        Assert.Equal("The credential for Google holds a private key that is no RSA key in PEM.", error.Message);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("The credential for Google is no key of a service account in JSON.", (await WithKey("{\"canary\":1}")).Message);
        Assert.Equal("The credential for Google names no file that can be read.", (await WithKey("/no/such/file")).Message);
    }

    [Fact]
    public async Task A_machine_stands_for_its_account_and_signs_no_addresses()
    {
        Environment.SetEnvironmentVariable("GCE_METADATA_HOST", fake.Home.Authority);
        fake.Make("machine");
        var context = new DriverContext("invoices", Route("machine") with { Credential = null }, TimeProvider.System);
        await using var driver = (IObjectDriver)await GcsProvider.Factories[0].OpenAsync(context, default);
        Assert.True((await driver.PutAsync("a", new byte[] { 1 }, Headers, default, default, default)).Applied);

        Assert.False(driver.Declared.Has(ObjectCapabilities.AccessUrl));
        Assert.True(fake.Identity.Given["metadata"] > 0);
    }

    private async Task<FuryException> WithKey(string key)
    {
        Environment.SetEnvironmentVariable("FURY_TEST_GCS_WRONG", key);
        var route = Route("nowhere") with { Credential = "env:FURY_TEST_GCS_WRONG" };
        await using var driver = await GcsProvider.Factories[0].OpenAsync(new DriverContext("invoices", route, TimeProvider.System), default);
        return await Assert.ThrowsAsync<FuryException>(async () => await driver.ProbeAsync(default));
    }

    private async Task<IObjectDriver> Open(string bucket) =>
        (IObjectDriver)await Open(new DriverContext("invoices", Route(bucket), TimeProvider.System), default);

    private ValueTask<IDriver> Open(DriverContext context, CancellationToken cancellation)
    {
        fake.Make(context.Route.Resource);
        return GcsProvider.Factories[0].OpenAsync(context, cancellation);
    }

    private ServiceRoute Route(string bucket) => new(GcsProvider.Name, "direct", fake.Home, "local", bucket) { Credential = fake.Credential };
}
