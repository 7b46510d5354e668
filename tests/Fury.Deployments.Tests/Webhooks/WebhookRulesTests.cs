using System.Net;
using System.Security.Cryptography;
using System.Text;
using Fury.Deployments.Webhooks;

namespace Fury.Deployments.Tests.Webhooks;

/// <summary>What needs no network: signatures, retries, addresses.</summary>
public sealed class WebhookRulesTests
{
    [Fact]
    public void A_signature_is_the_HMAC_of_time_and_body_in_hex()
    {
        var right = HMACSHA256.HashData(Encoding.UTF8.GetBytes("key-key-key-key-key"), Encoding.UTF8.GetBytes("1700000000.{\"a\":1}"));

        var signature = Signature.Of(new("key-key-key-key-key"), "1700000000", Encoding.UTF8.GetBytes("{\"a\":1}"));

        Assert.Equal($"sha256={Convert.ToHexString(right).ToLowerInvariant()}", signature);
        Assert.NotEqual(signature, Signature.Of(new("key-key-key-key-key"), "1700000001", Encoding.UTF8.GetBytes("{\"a\":1}")));
    }

    [Fact]
    public void Pauses_double_up_to_half_an_hour_and_end()
    {
        var pauses = Enumerable.Range(1, Retries.AttemptsMax).Select(attempts => Retries.After(attempts, TimeSpan.Zero)?.TotalSeconds);

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1800, 1800, 1800, 1800, null], pauses);
        Assert.Null(Retries.After(1, Retries.AgeMax));
    }

    [Theory]
    [InlineData("93.184.215.14", true)]
    [InlineData("2606:2800:21f::1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.8.8", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:93.184.215.14", true)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001:0:1::", false)]
    public void Addresses_of_this_machine_and_its_network_are_refused(string address, bool isFine) =>
        Assert.Equal(isFine, AddressPolicy.Parse(null).May(IPAddress.Parse(address)));

    [Fact]
    public void Networks_that_are_allowed_are_reached_and_no_others()
    {
        var policy = AddressPolicy.Parse("10.1.0.0/16, fd00::/8");

        Assert.All(new[] { "10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "93.184.215.14" }, address => Assert.True(policy.May(IPAddress.Parse(address))));
        Assert.All(new[] { "10.2.0.1", "127.0.0.1", "fe80::1" }, address => Assert.False(policy.May(IPAddress.Parse(address))));
        Assert.True(policy.MayBe(new("http://10.1.2.3/")));
        Assert.False(policy.MayBe(new("http://0x7f000001/")));
        Assert.False(policy.MayBe(new("http://[::1]:80/")));
        Assert.True(policy.MayBe(new("http://localhost/")));
    }

    [Fact]
    public void What_writes_a_secret_or_a_request_with_one_does_not_show_it()
    {
        var request = new WebhookRequest("https://example.com", "the-most-secret-word");

        Assert.DoesNotContain("the-most", $"{request} {new Secret("the-most-secret-word")}", StringComparison.Ordinal);
    }
}
