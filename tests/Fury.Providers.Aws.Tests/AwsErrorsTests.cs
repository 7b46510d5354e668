using Fury.Kernel;
using Fury.Providers.Aws.Wire;
using Fury.Providers.Contracts;

namespace Fury.Providers.Aws.Tests;

public sealed class AwsErrorsTests
{
    [Theory]
    [InlineData("InsufficientInstanceCapacity", 500, FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("Unsupported", 400, FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("SpotMaxPriceTooLow", 400, FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("InsufficientFreeAddressesInSubnet", 400, FaultKind.Exhausted, Limits.Capacity)]
    [InlineData("MaxSpotInstanceCountExceeded", 400, FaultKind.Exhausted, Limits.Quota)]
    [InlineData("InstanceLimitExceeded", 400, FaultKind.Exhausted, Limits.Quota)]
    [InlineData("VcpuLimitExceeded", 400, FaultKind.Exhausted, Limits.Quota)]
    [InlineData("RequestLimitExceeded", 503, FaultKind.Throttled, null)]
    [InlineData("Throttling", 400, FaultKind.Throttled, null)]
    [InlineData("UnauthorizedOperation", 403, FaultKind.Forbidden, null)]
    [InlineData("OptInRequired", 401, FaultKind.Forbidden, null)]
    [InlineData("AuthFailure", 401, FaultKind.Unauthenticated, null)]
    [InlineData("ExpiredToken", 400, FaultKind.Unauthenticated, null)]
    [InlineData("RequestExpired", 400, FaultKind.Unauthenticated, null)]
    [InlineData("SignatureDoesNotMatch", 403, FaultKind.Unauthenticated, null)]
    [InlineData("InvalidInstanceID.NotFound", 400, FaultKind.NotFound, null)]
    [InlineData("IdempotentParameterMismatch", 400, FaultKind.Conflict, null)]
    [InlineData("InternalError", 500, FaultKind.Unavailable, null)]
    [InlineData("Unavailable", 503, FaultKind.Unavailable, null)]
    [InlineData("InvalidAMIID.NotFound", 400, FaultKind.Invalid, null)]
    [InlineData("NobodyKnowsThis", 400, FaultKind.Invalid, null)]
    [InlineData("NobodyKnowsThis", 502, FaultKind.Unavailable, null)]
    [InlineData("NobodyKnowsThis", 429, FaultKind.Throttled, null)]
    public void A_code_of_ec2_is_the_fault_that_it_means(string code, int status, FaultKind kind, string? limit)
    {
        var fault = AwsErrors.Of(new(status, Xml(code, "It says why."), null), "EC2", "eu-west-1");

        Assert.Equal((kind, limit), (fault.Kind, fault.Facts.GetValueOrDefault(Limits.Fact)));
        Assert.Equal(code, fault.Facts["code"]);
        Assert.Contains($"AWS EC2 in 'eu-west-1' refused: {code}: It says why.", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ResourceNotFoundException:http://internal.amazon.com/coral/", """{"message":"No cluster."}""", FaultKind.NotFound)]
    [InlineData(null, """{"__type":"com.amazon#ThrottlingException","Message":"Rate exceeded"}""", FaultKind.Throttled)]
    [InlineData("ResourceInUseException", "", FaultKind.Conflict)]
    [InlineData("AccessDeniedException", """{"message":null}""", FaultKind.Forbidden)]
    public void A_code_of_a_json_service_is_too(string? header, string body, FaultKind kind) =>
        Assert.Equal(kind, AwsErrors.Of(new(400, body, header), "EKS", "eu-west-1").Kind);

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>502 Bad Gateway</body></html>")]
    [InlineData("<Response><Errors>")]
    [InlineData("""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Response><Errors><Error><Code>&e;</Code></Error></Errors></Response>""")]
    [InlineData("not anything")]
    [InlineData("{")]
    [InlineData("[]")]
    public void What_is_no_answer_of_aws_is_unavailable(string body)
    {
        var fault = AwsErrors.Of(new(400, body, null), "EC2", "eu-west-1");

        Assert.Equal(FaultKind.Unavailable, fault.Kind);
        Assert.Contains("status 400", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_an_administrator_can_read_and_what_is_long_is_cut()
    {
        var encoded = AwsErrors.Of(
            new(403, Xml("UnauthorizedOperation", "You are not authorized. Encoded authorization failure message: c2VjcmV0"), null), "EC2", "eu-west-1");
        var longer = AwsErrors.Of(new(400, Xml("InvalidParameterValue", new string('x', 5000)), null), "EC2", "eu-west-1");

        Assert.DoesNotContain("c2VjcmV0", encoded.Message, StringComparison.Ordinal);
        Assert.True(longer.Message.Length < 600);
    }

    [Fact]
    public void Only_an_end_of_credentials_is_one()
    {
        Assert.True(AwsErrors.SaysExpired(new(400, Xml("ExpiredToken", ""), null)));
        Assert.True(AwsErrors.SaysExpired(new(403, "{}", "ExpiredTokenException")));
        Assert.False(AwsErrors.SaysExpired(new(401, Xml("AuthFailure", ""), null)));
        Assert.False(AwsErrors.SaysExpired(new(200, Xml("ExpiredToken", ""), null)));
    }

    private static string Xml(string code, string message) =>
        $"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>7a</RequestID></Response>";
}
