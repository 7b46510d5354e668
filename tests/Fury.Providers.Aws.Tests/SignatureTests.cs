using Amazon.Runtime;
using Fury.Providers.Aws.Wire;

namespace Fury.Providers.Aws.Tests;

/// <summary>The first vector is of AWS's published suite; the others were computed by another implementation, botocore's.</summary>
public sealed class SignatureTests
{
    private static readonly DateTimeOffset At = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);
    private static readonly ImmutableCredentials User = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);
    private static readonly ImmutableCredentials Session = new(User.AccessKey, User.SecretKey, "token/+=with signs");

    [Fact]
    public void The_published_example_is_signed_as_published() => AssertSigned(
        AwsRequest.Json("service", "us-east-1", "GET", "/"),
        "example.amazonaws.com",
        User,
        "20150830/us-east-1/service",
        "host;x-amz-date",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");

    [Fact]
    public void A_form_is_signed_with_its_content() => AssertSigned(
        AwsRequest.Form("ec2", "eu-west-1", [new("Action", "DescribeInstances"), new("Version", "2016-11-15"), new("Filter.1.Value.1", "a b+c/ü~*")]),
        "ec2.eu-west-1.amazonaws.com",
        User,
        "20150830/eu-west-1/ec2",
        "content-type;host;x-amz-date",
        "f95b3a253d5ee9878c6a7aa6f83eda6923e198f3870077e65a3a26f85042b4fe");

    [Fact]
    public void A_session_signs_its_token_and_a_path_is_escaped_twice() => AssertSigned(
        AwsRequest.Json("eks", "us-east-1", "GET", "/clusters/a/updates/b%20c"),
        "eks.us-east-1.amazonaws.com",
        Session,
        "20150830/us-east-1/eks",
        "host;x-amz-date;x-amz-security-token",
        "38f19460bcb6241b5aff3ca50c7803697ad8ec6b1edb56f4f81d08d9520676b2");

    [Fact]
    public void An_address_is_signed_with_the_headers_that_go_with_it()
    {
        var request = new AwsRequest("sts", "us-east-1", "GET", "/", [new("Action", "GetCallerIdentity"), new("Version", "2011-06-15")], null, "");
        var headers = new Dictionary<string, string> { ["x-k8s-aws-id"] = "blue" };

        var query = SigV4.PresignedQuery(request, "sts.us-east-1.amazonaws.com", headers, TimeSpan.FromMinutes(1), Session, At);

        Assert.Equal(
            "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60"
            + "&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=token%2F%2B%3Dwith%20signs"
            + "&X-Amz-Signature=dda3a3e0206935b05f98fe60b0d91e5f987db4af59614d2e737b22c8aec4256f",
            query);
    }

    private static void AssertSigned(AwsRequest request, string host, ImmutableCredentials credentials, string scope, string names, string signature)
    {
        var headers = SigV4.Headers(request, host, credentials, At);

        Assert.Equal("20150830T123600Z", headers["x-amz-date"]);
        Assert.Equal(
            $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}/aws4_request, SignedHeaders={names}, Signature={signature}", headers["authorization"]);
        Assert.Equal(credentials.UseToken ? credentials.Token : null, headers.GetValueOrDefault("x-amz-security-token"));
    }
}
