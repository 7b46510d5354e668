using Fury.Sdk.Aws;
using Fury.Sdk.Http;

namespace Fury.Sdk.Tests.Aws;

/// <summary>The signatures that AWS has published for requests that it has published.</summary>
public sealed class SigV4Tests
{
    private const string Host = "examplebucket.s3.amazonaws.com";

    private static readonly DateTimeOffset Suite = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Guide = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly SigV4 OfSuite = new(new AwsCredential("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), "us-east-1", "service");
    private static readonly SigV4 OfGuide = new(new AwsCredential("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "us-east-1", "s3");

    [Fact]
    public void A_plain_get() => Assert.Equal(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
        + "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        OfSuite.Authorize("GET", "/", [], [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")], SigV4.EmptyHash, Suite));

    [Fact]
    public void A_query_is_signed_in_order() => Assert.EndsWith(
        "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        OfSuite.Authorize(
            "GET", "/", [("Param2", "value2"), ("Param1", "value1")], [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")],
            SigV4.EmptyHash, Suite),
        StringComparison.Ordinal);

    [Fact]
    public void A_range_of_an_object() => Assert.EndsWith(
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        OfGuide.Authorize("GET", "/test.txt", [], Headers(SigV4.EmptyHash, ("range", "bytes=0-9")), SigV4.EmptyHash, Guide),
        StringComparison.Ordinal);

    [Fact]
    public void An_object_with_an_unusual_name()
    {
        const string Hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        var headers = Headers(Hash, ("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"));

        Assert.EndsWith(
            "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            OfGuide.Authorize("PUT", "/" + PercentEncoding.Encode("test$file.text"), [], headers, Hash, Guide),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lifecycle", "", null, null, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("max-keys", "2", "prefix", "J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void Queries_of_a_bucket(string name, string value, string? name2, string? value2, string signature)
    {
        var query = name2 is null ? new[] { (name, value) } : [(name, value), (name2, value2!)];

        Assert.EndsWith($"={signature}", OfGuide.Authorize("GET", "/", query, Headers(SigV4.EmptyHash), SigV4.EmptyHash, Guide), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_gives_access() => Assert.Equal(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        OfGuide.Presign("GET", "/test.txt", [("host", Host)], TimeSpan.FromDays(1), Guide));

    [Fact]
    public void A_credential_is_not_shown() =>
        Assert.DoesNotContain("hush", new AwsCredential("hush-key", "hush-secret").ToString(), StringComparison.Ordinal);

    private static (string, string)[] Headers(string hash, params (string, string)[] more) =>
        [("host", Host), ("x-amz-content-sha256", hash), ("x-amz-date", "20130524T000000Z"), .. more];
}
