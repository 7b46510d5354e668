using System.Net;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Tests.Wire;

public sealed class KubeFaultsTests
{
    private static readonly KubeCall Call = KubeCall.Get(KubeResource.ReplicaSets, "fury", "pool-1");

    [Theory]
    [InlineData(400, "BadRequest", FaultKind.Invalid)]
    [InlineData(401, "Unauthorized", FaultKind.Unauthenticated)]
    [InlineData(403, "Forbidden", FaultKind.Forbidden)]
    [InlineData(404, "NotFound", FaultKind.NotFound)]
    [InlineData(409, "AlreadyExists", FaultKind.Conflict)]
    [InlineData(409, "Conflict", FaultKind.Conflict)]
    [InlineData(422, "Invalid", FaultKind.Invalid)]
    [InlineData(429, "TooManyRequests", FaultKind.Throttled)]
    [InlineData(500, "InternalError", FaultKind.Unavailable)]
    [InlineData(504, "Timeout", FaultKind.Unavailable)]
    public void Each_status_has_its_kind(int status, string reason, FaultKind kind)
    {
        var fault = KubeFaults.Of((HttpStatusCode)status, Status(status, reason, "so it is"), Call);

        Assert.Equal(kind, fault.Kind);
        Assert.True(fault.IsStatus((HttpStatusCode)status));
        Assert.False(fault.IsNotServed());
    }

    [Fact]
    public void A_missing_permission_is_named_with_verb_and_resource()
    {
        var fault = KubeFaults.Of(HttpStatusCode.Forbidden, Status(403, "Forbidden", "User \"fury\" cannot get resource"), Call);

        Assert.Contains("get replicasets.apps", fault.Message, StringComparison.Ordinal);
        Assert.Equal(("get", "replicasets.apps"), (fault.Facts["verb"], fault.Facts["resource"]));
    }

    [Fact]
    public void A_full_quota_is_no_missing_permission() =>
        Assert.Equal(FaultKind.Exhausted, KubeFaults.Of(HttpStatusCode.Forbidden, Status(403, "Forbidden", "exceeded quota: team"), Call).Kind);

    [Fact]
    public void A_kind_that_is_not_served_is_told_from_an_object_that_is_not_there()
    {
        const string nameless = """
            {"kind":"Status","message":"the server could not find the requested resource","reason":"NotFound","details":{},"code":404}
            """;
        Assert.True(KubeFaults.Of(HttpStatusCode.NotFound, "404 page not found\n", Call).IsNotServed());
        Assert.True(KubeFaults.Of(HttpStatusCode.NotFound, nameless, Call).IsNotServed());
        Assert.False(KubeFaults.Of(HttpStatusCode.NotFound, Status(404, "NotFound", "replicasets.apps \"pool-1\" not found"), Call).IsNotServed());
    }

    private static string Status(int code, string reason, string message) => $$"""
        {"kind":"Status","apiVersion":"v1","status":"Failure",
         "message":{{System.Text.Json.JsonSerializer.Serialize(message)}},"reason":"{{reason}}",
         "code":{{code}},"details":{"name":"pool-1"} }
        """;
}
