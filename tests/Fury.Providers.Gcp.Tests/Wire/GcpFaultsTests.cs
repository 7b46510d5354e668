using System.Net;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Gcp.Tests.Wire;

public sealed class GcpFaultsTests
{
    [Theory]
    [InlineData(400, "invalid", FaultKind.Invalid)]
    [InlineData(400, "resourceNotReady", FaultKind.Unavailable)]
    [InlineData(400, "resourceInUseByAnotherResource", FaultKind.Conflict)]
    [InlineData(401, "authError", FaultKind.Unauthenticated)]
    [InlineData(403, "forbidden", FaultKind.Forbidden)]
    [InlineData(403, "accessNotConfigured", FaultKind.Forbidden)]
    [InlineData(403, "rateLimitExceeded", FaultKind.Throttled)]
    [InlineData(403, "userRateLimitExceeded", FaultKind.Throttled)]
    [InlineData(403, "quotaExceeded", FaultKind.Exhausted)]
    [InlineData(404, "notFound", FaultKind.NotFound)]
    [InlineData(409, "alreadyExists", FaultKind.Conflict)]
    [InlineData(412, "conditionNotMet", FaultKind.Stale)]
    [InlineData(413, "uploadTooLarge", FaultKind.Invalid)]
    [InlineData(429, "rateLimitExceeded", FaultKind.Throttled)]
    [InlineData(500, "internalError", FaultKind.Unavailable)]
    [InlineData(503, "backendError", FaultKind.Unavailable)]
    [InlineData(503, "ZONE_RESOURCE_POOL_EXHAUSTED", FaultKind.Exhausted)]
    public void A_refusal_is_read_by_its_status_and_its_reason(int status, string reason, FaultKind kind)
    {
        var body = $$$"""{"error":{"code":{{{status}}},"message":"It says why.","errors":[{"message":"No.","domain":"global","reason":"{{{reason}}}"}]}}""";

        var fault = GcpFaults.Of((HttpStatusCode)status, body, "make instance 'x'");

        Assert.Equal(kind, fault.Kind);
        Assert.Contains("make instance 'x'", fault.Message, StringComparison.Ordinal);
        Assert.Equal(reason, fault.Facts[GcpFaults.ReasonFact]);
    }

    [Theory]
    [InlineData(403, "RATE_LIMIT_EXCEEDED", FaultKind.Throttled)]
    [InlineData(403, "SERVICE_DISABLED", FaultKind.Forbidden)]
    [InlineData(429, "QUOTA_EXCEEDED", FaultKind.Exhausted)]
    public void The_newer_services_say_it_in_details(int status, string reason, FaultKind kind)
    {
        var body = $$$"""{"error":{"code":{{{status}}},"message":"No.","status":"X","details":[{"@type":"t"},{"@type":"e","reason":"{{{reason}}}"}]}}""";

        Assert.Equal(kind, GcpFaults.Of((HttpStatusCode)status, body, "x").Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>502</html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"error":null}""")]
    [InlineData("""{"error":"word"}""")]
    [InlineData("""{"error":{"errors":[{}]}}""")]
    public void What_something_on_the_way_answers_is_read_by_its_status_alone_and_not_quoted(string body)
    {
        var fault = GcpFaults.Of(HttpStatusCode.BadGateway, body, "list");

        Assert.Equal(FaultKind.Unavailable, fault.Kind);
        Assert.DoesNotContain("html", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ZONE_RESOURCE_POOL_EXHAUSTED", FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS", FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("QUOTA_EXCEEDED", FaultKind.Exhausted, Limits.Quota)]
    [InlineData("IP_SPACE_EXHAUSTED", FaultKind.Exhausted, Limits.Quota)]
    [InlineData("RESOURCE_OPERATION_RATE_EXCEEDED", FaultKind.Throttled, null)]
    [InlineData("PERMISSIONS_ERROR", FaultKind.Forbidden, null)]
    [InlineData("RESOURCE_NOT_FOUND", FaultKind.NotFound, null)]
    [InlineData("INVALID_USAGE", FaultKind.Invalid, null)]
    [InlineData("UNSUPPORTED_OPERATION", FaultKind.Invalid, null)]
    [InlineData("INTERNAL_ERROR", FaultKind.Unavailable, null)]
    [InlineData("SOMETHING_NEW", FaultKind.Unavailable, null)]
    public void A_failed_operation_is_read_by_its_code(string code, FaultKind kind, string? limit)
    {
        var fault = GcpFaults.Of(new GceErrors { Errors = [new(code, "Because.")] }, "make instance 'x'");

        Assert.Equal((kind, limit), (fault.Kind, fault.Facts.GetValueOrDefault(Limits.Fact)));
    }

    [Fact]
    public void Long_words_are_cut()
    {
        var body = $$$"""{"error":{"code":400,"message":"{{{new string('x', 5000)}}}"}}""";

        Assert.InRange(GcpFaults.Of(HttpStatusCode.BadRequest, body, "x").Message.Length, 300, 400);
    }
}
