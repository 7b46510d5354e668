using Fury.Sdk.Conformance;
using Fury.Sdk.Objects;
using Fury.Sdk.Tests.Conformance;
using Fury.Testing;

namespace Fury.Sdk.Tests.S3;

/// <summary>Servers that take a condition, answer that all is well, and overwrite all the same, are found out.</summary>
[Collection(ObjectServers.Name)]
public sealed class LyingServerTests(FauxqsServer fauxqs, S3rverServer s3rver)
{
    private const string Fauxqs = "fauxqs";
    private const string S3rver = "s3rver";

    [Theory]
    [InlineData(Fauxqs)]
    [InlineData(S3rver)]
    public async Task It_keeps_what_needs_no_condition(string server)
    {
        var result = await Run(server, "objects: a copy has content and metadata");

        Assert.True(result.Verdict == ConformanceVerdict.Passed, result.Detail);
    }

    [Theory]
    [InlineData(Fauxqs, "objects: what is there is not created again")]
    [InlineData(Fauxqs, "objects: a stale etag is refused")]
    [InlineData(Fauxqs, "races: of many creators of an object one wins")]
    [InlineData(S3rver, "objects: what is there is not created again")]
    [InlineData(S3rver, "objects: a stale etag is refused")]
    [InlineData(S3rver, "races: of many creators of an object one wins")]
    public async Task It_fails(string server, string name) => Assert.Equal(ConformanceVerdict.Failed, (await Run(server, name)).Verdict);

    [Theory]
    [InlineData(Fauxqs)]
    [InlineData(S3rver)]
    public async Task It_is_not_attested_to_create_if_absent(string server)
    {
        var attested = await ConformanceSuite.AttestAsync(Target(server), ServiceKind.Objects);

        Assert.False(attested.Has(ObjectCapabilities.ConditionalCreate));
        Assert.False(attested.Has(ObjectCapabilities.ConditionalUpdate));
        Assert.True(attested.Has(ObjectCapabilities.AccessUrl));
    }

    private S3Target Target(string server) => server == Fauxqs
        ? new(server, fauxqs.Endpoint, "test", "test", new Dictionary<string, string>())
        : new(server, s3rver.Endpoint, S3rverServer.Key, S3rverServer.Key, new Dictionary<string, string>());

    private Task<ConformanceResult> Run(string server, string name) =>
        ConformanceSuite.RunAsync(Target(server), ConformanceSuite.Tests.Single(test => test.Name == name));
}
