using System.Net;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Azure.Tests.Wire;

public sealed class AzureFaultsTests
{
    [Theory]
    [InlineData(400, "InvalidParameter", FaultKind.Invalid, null)]
    [InlineData(401, "InvalidAuthenticationToken", FaultKind.Unauthenticated, null)]
    [InlineData(403, "AuthorizationFailed", FaultKind.Forbidden, null)]
    [InlineData(404, "ResourceNotFound", FaultKind.NotFound, null)]
    [InlineData(404, "ResourceGroupNotFound", FaultKind.Invalid, null)]
    [InlineData(409, "SkuNotAvailable", FaultKind.Exhausted, Limits.Capacity)]
    [InlineData(409, "AllocationFailed", FaultKind.Exhausted, Limits.Capacity)]
    [InlineData(409, "QuotaExceeded", FaultKind.Exhausted, Limits.Quota)]
    [InlineData(409, "AnotherOperationInProgress", FaultKind.Unavailable, null)]
    [InlineData(409, "OperationNotAllowed", FaultKind.Conflict, null)]
    [InlineData(412, "PreconditionFailed", FaultKind.Stale, null)]
    [InlineData(429, "OperationNotAllowed", FaultKind.Throttled, null)]
    [InlineData(429, "SubscriptionRequestsThrottled", FaultKind.Throttled, null)]
    [InlineData(500, "InternalServerError", FaultKind.Unavailable, null)]
    [InlineData(504, "GatewayTimeout", FaultKind.Unavailable, null)]
    public void A_refusal_is_read_by_its_status_and_its_code(int status, string code, FaultKind kind, string? limit)
    {
        var body = $$$"""{"error":{"code":"{{{code}}}","message":"It says why.","details":[]}}""";

        var fault = AzureFaults.Of((HttpStatusCode)status, null, body, "make instance 'x'");

        Assert.Equal((kind, limit, code), (fault.Kind, fault.Facts.GetValueOrDefault(Limits.Fact), fault.Facts[AzureFaults.ReasonFact]));
        Assert.Contains("make instance 'x'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_quota_is_told_by_its_words_alone()
    {
        const string Body = """{"error":{"code":"OperationNotAllowed","message":"It results in exceeding approved Total Regional Cores quota."}}""";

        var fault = AzureFaults.Of(HttpStatusCode.Conflict, null, Body, "x");

        Assert.Equal((FaultKind.Exhausted, Limits.Quota), (fault.Kind, fault.Facts[Limits.Fact]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>502</html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"error":"word"}""")]
    [InlineData("""{"error":{}}""")]
    public void What_something_on_the_way_answers_is_read_by_its_status_alone_and_not_quoted(string body)
    {
        var fault = AzureFaults.Of(HttpStatusCode.BadGateway, null, body, "list");

        Assert.Equal(FaultKind.Unavailable, fault.Kind);
        Assert.DoesNotContain("html", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AllocationFailed", FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("ZonalAllocationFailed", FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("OverconstrainedZonalAllocationRequest", FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("QuotaExceeded", FaultKind.Exhausted, Limits.Quota)]
    [InlineData("OSProvisioningTimedOut", FaultKind.Unavailable, null)]
    public void A_machine_that_could_not_be_made_is_read_by_its_state(string code, FaultKind kind, string? limit)
    {
        var fault = AzureFaults.OfState(code, "Because.", "x");

        Assert.Equal((kind, limit), (fault.Kind, fault.Facts.GetValueOrDefault(Limits.Fact)));
    }
}
