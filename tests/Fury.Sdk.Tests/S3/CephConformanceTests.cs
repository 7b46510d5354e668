using System.Net;
using System.Text;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.S3;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.S3;

/// <summary>Ceph's gateway, a real S3, keeps what the driver says.</summary>
[RunsAgainst(S3Provider.Name, "a real Ceph gateway", NeverAsked = "Amazon S3", Also = "objects.access-url")]
[Collection(ObjectServers.Name)]
public sealed class CephConformanceTests(CephServer ceph)
{
    private static readonly ObjectHeaders Headers = new("text/plain", new Dictionary<string, string>());

    public static TheoryData<string> Names =>
        [.. ConformanceSuite.Tests.Where(test => test.Kind == ServiceKind.Objects).Select(test => test.Name)];

    private S3Target Target => new("ceph", ceph.Endpoint, CephServer.AccessKey, CephServer.Secret, S3Target.CephDialect);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Ceph_keeps(string name)
    {
        var result = await ConformanceSuite.RunAsync(Target, ConformanceSuite.Tests.Single(test => test.Name == name));

        Assert.True(result.Verdict != ConformanceVerdict.Failed, result.Detail);
    }

    [Fact]
    public async Task An_address_reads_and_writes_one_object_and_a_changed_one_nothing()
    {
        await using var driver = await Open("urls");

        await AccessUrls.ReadAndWriteOne(driver, HttpStatusCode.OK, "X-Amz-Expires=60", "X-Amz-Expires=61");
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_and_a_key_that_is_wrong_are_told_without_the_secret()
    {
        var route = Target.Route(ServiceKind.Objects, "nowhere");
        await using var absent = await S3Provider.Factories[0].OpenAsync(new DriverContext("invoices", route, TimeProvider.System), default);
        var error = await Assert.ThrowsAsync<FuryException>(async () => await absent.ProbeAsync(default));
        Assert.Equal((FuryErrorCode.NotFound, "NoSuchBucket", false), (error.Code, error.ProviderCode, error.OutcomeUnknown));

        Environment.SetEnvironmentVariable("FURY_TEST_S3_WRONG", "wrong-canary");
        var wrong = route with { Credential = $"{route.Credential!.Split(',')[0]},FURY_TEST_S3_WRONG" };
        await using var refused = await S3Provider.Factories[0].OpenAsync(new DriverContext("invoices", wrong, TimeProvider.System), default);
        error = await Assert.ThrowsAsync<FuryException>(async () => await refused.ProbeAsync(default));
        Assert.Equal((FuryErrorCode.Unauthenticated, "SignatureDoesNotMatch"), (error.Code, error.ProviderCode));
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_more_than_a_page_is_one_item()
    {
        await using var driver = await Open("pages");
        foreach (var key in Enumerable.Range(0, 30).Select(index => $"a/{index:D2}").Append("a0").Append("b/1"))
        {
            await driver.PutAsync(key, Encoding.UTF8.GetBytes(key), Headers, default, default, default);
        }

        Assert.Equal(["a/", "a0", "b/"], (await driver.ListAsync("", '/', null, 10, default)).Select(item => item.Key));
        Assert.Equal(["a0"], (await driver.ListAsync("", '/', "a/", 1, default)).Select(item => item.Key));
        Assert.Equal(["b/"], (await driver.ListAsync("", '/', "a0", 10, default)).Select(item => item.Key));
    }

    private async Task<IObjectDriver> Open(string what)
    {
        var route = Target.Route(ServiceKind.Objects, $"{what}-{Guid.NewGuid():n}");
        return (IObjectDriver)await Target.Factories[0].OpenAsync(new DriverContext("invoices", route, TimeProvider.System), default);
    }
}
