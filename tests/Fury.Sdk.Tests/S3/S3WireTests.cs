using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Wire;
using Fury.Testing;

namespace Fury.Sdk.Tests.S3;

/// <summary>What becomes of writes when the connection to a real S3 breaks before the answer.</summary>
[Collection(ObjectServers.Name)]
public sealed class S3WireTests(CephServer ceph) : ObjectWireFaults(ceph.Endpoint.Port, port =>
{
    var target = new S3Target("ceph", new Uri($"http://127.0.0.1:{port}"), CephServer.AccessKey, CephServer.Secret, S3Target.CephDialect);
    return (target.Factories, target.Route(ServiceKind.Objects, $"wire-{Guid.NewGuid():n}"));
})
{
    [Fact]
    public async Task A_write_without_a_body_is_not_sent_again_in_secret()
    {
        var upload = await Driver.BeginUploadAsync("a", Headers, default);
        Proxy.CutNextAnswer();

        Assert.True((await Lost(async () => await Driver.AbortUploadAsync("a", upload, default))).OutcomeUnknown);
    }
}
